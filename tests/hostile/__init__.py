"""Hostile input: files that no vendor would deliver and that people, portals, tools and attackers do (issue 15, point 6).

corpus: every kind of file times every fault, made by code.  fuzzer: whole landing zones with random damage.  The tests hold both against the
archive alone, and against whole builds beside good files.
"""
