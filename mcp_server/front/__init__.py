"""The first answers of a connection over stdin and stdout, given before the SDK is loaded.

Loading the SDK takes a second or more on a busy machine, longer than some clients wait. `answers.json` holds what the
SDK answers to the requests that open a connection; a test compares the two. This package uses the standard library
alone.
"""
