//! The commonest cron expressions in words. Anything else is shown as written: a wrong word would be worse than none.

const DAYS: [&str; 7] = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];

/// `every day at 02:00`, `Mondays at 06:30`, `every 15 minutes`; nothing for what has no such simple words.
pub(super) fn words(cron: &str) -> Option<String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, "*", weekday] = fields[..] else { return None };
    if let (Some(step), "*", "*", "*") = (minute.strip_prefix("*/"), hour, day, weekday) {
        let step: u32 = step.parse().ok().filter(|step: &u32| *step > 0 && 60 % *step == 0)?;
        return Some(if step == 1 { "every minute".to_owned() } else { format!("every {step} minutes") });
    }
    let minute: u32 = minute.parse().ok().filter(|minute| *minute < 60)?;
    if (hour, day, weekday) == ("*", "*", "*") {
        return Some(format!("every hour at :{minute:02}"));
    }
    let times: Option<Vec<String>> = hour
        .split(',')
        .map(|hour| {
            let hour: u32 = hour.parse().ok().filter(|hour| *hour < 24)?;
            Some(format!("{hour:02}:{minute:02}"))
        })
        .collect();
    let times = times?.join(" and ");
    match (day, weekday) {
        ("*", "*") => Some(format!("every day at {times}")),
        ("*", "1-5") => Some(format!("Mondays to Fridays at {times}")),
        ("*", weekday) => {
            let weekday: usize = weekday.parse().ok()?;
            // Both 0 and 7 are Sunday.
            Some(format!("{} at {times}", DAYS.get(if weekday == 7 { 0 } else { weekday })?))
        }
        (day, "*") => {
            let day: u32 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
            Some(format!("on day {day} of every month at {times}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn simple_expressions_have_words_and_others_none() {
        let cases = [
            ("0 2 * * *", Some("every day at 02:00")),
            ("30 6 * * 1", Some("Mondays at 06:30")),
            ("0 9,14 * * *", Some("every day at 09:00 and 14:00")),
            ("15 8 * * 1-5", Some("Mondays to Fridays at 08:15")),
            ("0 0 * * 7", Some("Sundays at 00:00")),
            ("*/15 * * * *", Some("every 15 minutes")),
            ("*/1 * * * *", Some("every minute")),
            ("5 * * * *", Some("every hour at :05")),
            ("0 4 1 * *", Some("on day 1 of every month at 04:00")),
            // Every 7 minutes would be wrong: cron starts anew each hour.
            ("*/7 * * * *", None),
            ("*/0 * * * *", None),
            ("0 4 1 * 1", None),
            ("0 4 1 6 *", None),
            ("61 4 * * *", None),
            ("0 24 * * *", None),
            ("0 8-18 * * *", None),
            ("@daily", None),
            ("friday 16:00", None),
            ("", None),
        ];
        for (cron, wanted) in cases {
            assert_eq!(words(cron).as_deref(), wanted, "{cron}");
        }
    }
}
