"""Imported before commands are forked (tests.warm_commands): reads what the product reads once a process."""

import gc

from bot.deadlines import national_holidays
from bot.wording import Wording
from tests.house import SEMARANG, city
from tests.streets import NOW

city()
Wording(SEMARANG)
national_holidays(NOW.year)
gc.freeze()
