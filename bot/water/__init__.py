"""Water supply: reports and incidents, their grades under the plan, duties with clocks, and who is told."""
