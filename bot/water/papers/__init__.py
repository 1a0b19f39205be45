"""The reports in writing: 初报, 续报, the report within two hours (4.2) and the summary (6.2.2)."""
