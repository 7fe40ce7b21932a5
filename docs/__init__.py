"""The manual; what can be made from the code is made by `python -m docs.build`."""
