"""Adds a route with the measurements to an application."""

from prometheus_fastapi_instrumentator.instrumentation import PrometheusFastApiInstrumentator

Instrumentator = PrometheusFastApiInstrumentator
