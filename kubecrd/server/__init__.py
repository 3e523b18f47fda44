"""An API server that runs in process or on a socket, and answers as the real one does."""
