"""Prefect's shell around `monitor.pipeline`: retries, schedule, what a person sees. No logic lives here."""
