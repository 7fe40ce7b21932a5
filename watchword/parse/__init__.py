"""Raw bytes to a message: offsets kept, every reading returned, never raising. What is wrong becomes a defect."""
