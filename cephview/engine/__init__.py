"""The engine: a second process that owns the model, and the window's end of the pipe to it.

`messages` is what is said, `client` is how the window says it, `worker` is the process. Only the
worker ever loads torch; nothing here may be imported from it by the window.
"""
