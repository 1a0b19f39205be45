"""Reports are filed and fall together: by place, supply zone, time and kind; one household counts once."""
