"""Which texts and bytes must go: those whose days are over, and texts that no record names any more."""

# ruff: noqa: S608 - texts of this module; names are tables and columns of ours

from dagster_project.landing.retention.expiry_views import (
    BYTES_EXPIRED,
    HASHES,
    RECORDS_EXPIRED,
    RUN_DELETED,
    TEXT_EXPIRED,
    LandedViews,
)

_OF_EXPIRED = f"'{RECORDS_EXPIRED}'"


def add_expired_texts(views: LandedViews) -> None:
    """Texts past the day they were kept until; a shorter time that is declared by now counts for them too."""
    views.execute(
        f"""
        insert into gone
        select
            'payloads', path, row_number, payloads.organization_id, null, payloads.event_date, payloads.batch_id,
            payloads.source_file_sha256, sha256, '{TEXT_EXPIRED}',
            case
                when expires_on <= last_days.as_of then 'expires_on ' || strftime(expires_on, '%Y-%m-%d')
                else 'retention_days ' || text_days
            end,
            last_days.as_of
        from payloads
        inner join last_days using (organization_id)
        left join (select batch_id, any_value(format) as format from ledger group by 1) as batches using (batch_id)
        left join terms
            on payloads.organization_id = terms.organization_id and batches.format = terms.format
        where least(expires_on, payloads.event_date + text_days) <= last_days.as_of
        """
    )


def add_unnamed_texts(views: LandedViews, *, seen: frozenset[str]) -> None:
    """Texts that only records named which are gone; landed again with a deleted run's log, none names them."""
    has_gone = views.count("gone where landed_table <> 'payloads'")
    # Where no record goes, only a text that came since may be of a run that went before.
    texts = views.files("payloads")
    texts = texts if has_gone else [file for file in texts if file.path not in seen]
    if not texts or not (has_gone or views.count("deleted")):
        return
    views.make("texts", "payloads", texts)
    named = {
        kind: " union all ".join(
            f"select organization_id, {column} as sha256 from {table} as records where {column} is not null "
            f"and {'' if kind == 'gone' else 'not '}exists (select 1 from gone where gone.path = records.path "
            f"and gone.row_number = records.row_number{' and gone.reason = ' + _OF_EXPIRED if kind == 'gone' else ''})"
            for table, columns in HASHES.items()
            for column in columns
        )
        for kind in ("gone", "left")
    }
    views.execute(
        f"""
        insert into gone
        select
            'payloads', path, row_number, texts.organization_id, null, event_date, batch_id, source_file_sha256,
            texts.sha256,
            case when expired.sha256 is null then '{RUN_DELETED}' else '{RECORDS_EXPIRED}' end,
            'no record names it', last_days.as_of
        from texts
        left join last_days using (organization_id)
        left join (select distinct * from ({named["gone"]})) as expired
            on texts.organization_id = expired.organization_id and texts.sha256 = expired.sha256
        where
            not exists (
                select 1 from gone where gone.path = texts.path and gone.row_number = texts.row_number
            )
            and (texts.organization_id, texts.sha256) not in (
                select (organization_id, sha256) from ({named["left"]})
            )
        """
    )


def add_expired_bytes(views: LandedViews) -> None:
    """Bytes of quarantined units belong to no organization: those whose records came in the same file must all be
    that far, or any, when none has a record of it left."""
    views.execute(
        f"""
        insert into gone
        select
            'quarantine', path, row_number, null, null, null, batch_id, source_file_sha256, raw_sha256,
            '{BYTES_EXPIRED}', 'expires_on ' || strftime(expires_on, '%Y-%m-%d'),
            coalesce(batches.as_of, last_day.as_of)
        from quarantine
        cross join (select max(as_of) as as_of from last_days) as last_day
        left join (
            select units.batch_id, min(last_days.as_of) as as_of
            from (select distinct organization_id, batch_id from units) as units
            inner join last_days using (organization_id)
            group by 1
        ) as batches using (batch_id)
        where raw_bytes is not null and expires_on <= coalesce(batches.as_of, last_day.as_of)
        """
    )
