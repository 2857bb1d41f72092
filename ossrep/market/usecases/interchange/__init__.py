"""The mailroom: what comes in is kept, told apart, applied and answered; what goes out is sent."""
