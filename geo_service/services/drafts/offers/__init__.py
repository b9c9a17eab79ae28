"""What planners are offered: parts, cuts along lines, fixes of findings; each tried before."""
