with

calibrated_runs as (

    select * from {{ ref('int_calibrated_runs') }}

),

counted_bins as (

    select
        organization_id,
        agent_id,
        capability,
        bin,
        count(*) as run_count,
        min(confidence) as confidence_min,
        max(confidence) as confidence_max,
        min(bin_confidence) as mean_confidence,
        min(bin_score) as success_rate
    from calibrated_runs
    group by 1, 2, 3, 4

),

calibration_bins as (

    select
        *,
        {{ wilson_bound('success_rate * run_count', 'run_count', 'low') }} as success_rate_low,
        {{ wilson_bound('success_rate * run_count', 'run_count', 'high') }} as success_rate_high,
        mean_confidence - success_rate as overconfidence
    from counted_bins

)

select * from calibration_bins
