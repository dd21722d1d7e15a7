"""The edge of community, a module for each first part of a path; posts and comments share one."""
