"""Everything around the kernel: sources, files, command line, reports."""
