"""The flow graph: seven kinds of node that steer, change and end packets. Nothing here knows AWS."""
