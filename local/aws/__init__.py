"""The synthesized template on this machine: resources on a moto server, functions in processes, our own clock."""
