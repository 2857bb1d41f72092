"""Service orders, holds, notices, history, transitions and returns, on the engine of orders."""
