"""An invented month that shows a newcomer the product at work, and how to take all of it out again.

Its citizens write by the simulated phones under addresses of their own (`people.address_of`) and its staff
have addresses in a domain of their own (`people.DOMAIN`): by these two everything of it is found again.
"""
