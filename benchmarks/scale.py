"""How many replicas so many tenants need: calls at random times, each taking a replica's one core for its share.

    python -m benchmarks.scale --tenants 10000 --cached-ms 1.2 --bought-ms 4

The times come from `over_http throughput`, on the machine in question. What waits for the API takes no core, so it is
left out: it adds to every answer what it takes, and to the queue nothing.
"""

import argparse
import heapq
import json
import random

PEAK = 4.0
"""The busiest hour against the mean of a day of 24: office hours in one time zone."""


def simulate(
    *,
    tenants: int,
    calls_a_day: float,
    hit_rate: float,
    cached_s: float,
    bought_s: float,
    replicas: int,
    minutes: float,
) -> dict[str, object]:
    """Waiting and load in the busiest hour. Calls come as Poisson's do and go to the replica that is free first."""
    rng = random.Random(7)  # the same calls in every run
    rate = tenants * calls_a_day / 86_400 * PEAK
    free_s = [0.0] * replicas
    now_s, end_s, busy_s = 0.0, minutes * 60, 0.0
    waits_s: list[float] = []
    while now_s < end_s:
        now_s += rng.expovariate(rate)
        mean_s = cached_s if rng.random() < hit_rate else bought_s
        takes_s = rng.expovariate(1 / mean_s)
        start_s = max(now_s, heapq.heappop(free_s))
        heapq.heappush(free_s, start_s + takes_s)
        waits_s.append(start_s - now_s)
        busy_s += takes_s
    waits_s.sort()
    return {
        "replicas": replicas,
        "calls_per_s": round(rate, 1),
        "load": round(busy_s / end_s / replicas, 2),
        "p50_wait_ms": round(1000 * waits_s[len(waits_s) // 2], 1),
        "p99_wait_ms": round(1000 * waits_s[len(waits_s) * 99 // 100], 1),
        "bought_per_minute": round(rate * (1 - hit_rate) * 60),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenants", type=int, default=10_000)
    parser.add_argument("--calls-a-day", type=float, default=100)
    parser.add_argument("--hit-rate", type=float, default=0.5)
    parser.add_argument("--cached-ms", type=float, required=True)
    parser.add_argument("--bought-ms", type=float, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    for replicas in (1, 2, 3, 4):
        figures = simulate(
            tenants=options.tenants,
            calls_a_day=options.calls_a_day,
            hit_rate=options.hit_rate,
            cached_s=options.cached_ms / 1000,
            bought_s=options.bought_ms / 1000,
            replicas=replicas,
            minutes=options.minutes,
        )
        print(json.dumps({"tenants": options.tenants, **figures}))


if __name__ == "__main__":
    main()
