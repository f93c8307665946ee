"""The Linux kernel as a judge of random networks, of the scenario files and of flows worked out by hand; the bed itself is
`simulator.testing.kernel`.

Where the bed does not run, the live tests are skipped with the reason, and the recorded answers still replay. Environment:
VPCSIM_KERNEL_ORACLE=require turns the skip into a failure, VPCSIM_KERNEL_SECONDS and VPCSIM_KERNEL_SEED make the random search longer or
another one. `python -m tests.oracle.kernel.record` records anew.

Parts: `generate`, `questions` make networks and probes; `networks` their files; `reduce`, `record` use what differs or not; `wrong` has
simulators with deliberate errors.
"""
