"""Tests against real parts: sites over HTTP, SQLite, PostgreSQL, mail, Prefect."""
