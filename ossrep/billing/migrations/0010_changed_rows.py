"""Changes of these tables can be followed, so that no reader misses one."""

from django.db import migrations, models

from ossrep.infra.feeds.tables import follow, unfollow

FOLLOWED = (
    ("invoice", "invoice"),
    ("work_item", "work-item"),
)


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0009_live_items'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangedRow',
            fields=[
                ('pk', models.CompositePrimaryKey('resource', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('resource', models.TextField()),
                ('key', models.BigIntegerField()),
                ('changed_xid', models.BigIntegerField()),
                ('is_deleted', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'changed_row',
                'abstract': False,
                'indexes': [models.Index(fields=['resource', 'changed_xid', 'key'], name='billing_changed_row_feed')],
            },
        ),
        *[
            migrations.RunSQL(follow(table=table, resource=resource), unfollow(table=table))
            for table, resource in FOLLOWED
        ],
    ]
