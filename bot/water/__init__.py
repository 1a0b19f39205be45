"""Water supply: grading of incidents (plan 3.2), responses and duties (4, 5, 6), reports and incidents."""
