"""Facts and context to findings, findings to verdicts. A detector is one file of data in `detectors/`."""
