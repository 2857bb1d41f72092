"""Thresholds with their first values, and a day's usual shape of a home and of a shop."""

from django.db import migrations

THRESHOLDS = {
    "gap": {"missing_intervals_max": 0},
    "spike": {"percent_of_third_highest_max": 500, "wh_considered_from": 2500},
    "stuck": {"equal_intervals_max": 31},
    "zero": {"zero_intervals_max": 91},
    "sum_check": {"difference_wh_max": 2, "difference_per_mille_max": 1},
    "period_sum_check": {"difference_wh_max": 1000, "difference_per_mille_max": 5},
}

# Relative use of each hour, as Texas homes and shops have it on a mild day; a person may put
# better shapes in their place.
PROFILES = {
    ("residential", False): [6, 5, 5, 5, 5, 6, 8, 9, 8, 7, 7, 8, 8, 8, 9, 10, 12, 14, 15, 15, 14,
                             12, 9, 7],
    ("residential", True): [7, 6, 5, 5, 5, 5, 6, 8, 9, 10, 11, 11, 11, 11, 11, 11, 12, 14, 15, 15,
                            14, 12, 10, 8],
    ("business", False): [4, 4, 4, 4, 4, 5, 7, 10, 13, 14, 15, 15, 15, 15, 15, 15, 14, 13, 11, 9,
                          7, 5, 4, 4],
    ("business", True): [4, 4, 4, 4, 4, 4, 5, 5, 6, 7, 7, 7, 7, 7, 7, 7, 6, 6, 5, 5, 4, 4, 4, 4],
}


def seed(apps, schema_editor):
    alias = schema_editor.connection.alias
    threshold = apps.get_model("meter", "VeeThreshold")
    for rule, values in THRESHOLDS.items():
        for name, value in values.items():
            threshold.objects.using(alias).get_or_create(
                rule=rule, name=name, meter_point=None, defaults={"value": value}
            )
    profile = apps.get_model("meter", "LoadProfile")
    for (code, is_weekend), hours in PROFILES.items():
        profile.objects.using(alias).get_or_create(
            code=code,
            is_weekend=is_weekend,
            defaults={"shape": [value for value in hours for _ in range(4)]},
        )


class Migration(migrations.Migration):
    dependencies = [("meter", "0003_interval_days")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
