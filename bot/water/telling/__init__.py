"""What people hear: reporters, subscribers, everybody; and planned outages."""
