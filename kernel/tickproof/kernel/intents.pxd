# Types for the compiled build, nothing else; see intents.py.

cpdef new_intent(
    long long key, long long instrument, long long side, long long quantity, long long price,
    long long order_type,
)
cpdef cancel_intent(long long key)
