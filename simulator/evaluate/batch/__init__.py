"""Many flows at once: the flow graph as arrays, and the kernels that run on them. The only part of the simulator that uses numpy."""
