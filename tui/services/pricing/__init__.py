"""AWS's price list, as far as it is asked for here."""

from tui.services.pricing.models import DatabasePrices
from tui.services.pricing.service import PricingService

__all__ = ["DatabasePrices", "PricingService"]
