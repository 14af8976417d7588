use super::{PriceTable, Timestamp, Tokens, Usd, price, price::ModelName};

#[test]
fn built_in_table_is_valid() {
    assert!(PriceTable::parse(include_str!("prices.toml")).is_ok());
}

#[test]
fn model_names_come_apart() {
    let cases = [
        ("claude-opus-5-5", "opus", Some((5, 5))),
        ("claude-opus-5-5[1m]", "opus", Some((5, 5))),
        ("claude-sonnet-5-5", "sonnet", Some((5, 5))),
        ("claude-fable-5-1", "fable", Some((5, 1))),
        ("claude-haiku-4-5-20251001", "haiku", Some((4, 5))),
        ("claude-3-5-haiku-20241022", "haiku", Some((3, 5))),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "opus", Some((4, 5))),
        ("anthropic/claude-sonnet-4.5", "sonnet", Some((4, 5))),
        ("claude-sonnet-4@20250514", "sonnet", Some((4, 0))),
        ("claude-sonnet-4-20250514", "sonnet", Some((4, 0))),
        ("claude-3-opus-20240229", "opus", Some((3, 0))),
        ("glm-4.6", "other", None),
        ("", "other", None),
    ];
    for (id, family, version) in cases {
        assert_eq!(ModelName::parse(id), ModelName { family: family.to_owned(), version }, "{id}");
    }
}

#[test]
fn prices_follow_the_date_and_the_model() {
    let table = PriceTable::built_in();
    let million = Tokens { input: 1_000_000, ..Tokens::default() };
    let read = Tokens { cache_read: 1_000_000, ..Tokens::default() };
    let dollars = |model: &str, at: &str, tokens: &Tokens| {
        price::cost(&table.rates(model), Timestamp::parse(at), tokens, false).map(Usd::dollars)
    };
    assert_eq!(dollars("claude-sonnet-5-5", "2026-10-06T23:59:59Z", &read), Some(0.2));
    assert_eq!(dollars("claude-sonnet-5-5", "2026-10-07T00:00:00Z", &read), Some(0.1));
    assert_eq!(dollars("claude-sonnet-4-5-20250929", "2026-10-07T00:00:00Z", &million), Some(3.0));
    assert_eq!(dollars("claude-sonnet-4-20250514", "2026-10-07T00:00:00Z", &million), Some(3.0));
    assert_eq!(dollars("claude-opus-4-1-20250805", "2026-10-07T00:00:00Z", &million), Some(15.0));
    assert_eq!(dollars("claude-next-9-20991231", "2026-10-07T00:00:00Z", &million), None);
    assert_eq!(
        dollars("claude-haiku-5-5", "2026-11-07T00:00:00Z", &million),
        None,
        "dearer above 100,000 tokens: no price"
    );
    assert_eq!(dollars("claude-fable-5-1", "2026-11-07T00:00:00Z", &read), Some(0.25));
}

#[test]
fn overrides_stand_before_the_table() {
    let own = PriceTable::parse("[[price]]\nmodel = \"glm-*\"\ninput = 1\noutput = 2\n").unwrap();
    let table = PriceTable::built_in().with_overrides(own);
    let cost =
        price::cost(&table.rates("glm-4.6"), None, &Tokens { output: 1_000_000, ..Tokens::default() }, false);
    assert_eq!(cost, Usd::from_dollars(2.0));
    assert!(PriceTable::parse("[[price]]\ninput = 1\noutput = 2\n").is_err());
}

#[test]
fn days_begin_where_midnight_exists() {
    let start =
        |zone: &str, at: &str| Timestamp::parse(at).unwrap().day_start(zone.parse().unwrap()).to_string();
    assert_eq!(start("UTC", "2026-11-18T15:30:00Z"), "2026-11-18T00:00:00.000Z");
    assert_eq!(
        start("Africa/Cairo", "2024-04-26T10:00:00Z"),
        "2024-04-25T22:00:00.000Z",
        "midnight is skipped"
    );
    assert_eq!(start("Asia/Kathmandu", "2026-11-18T15:30:00Z"), "2026-11-17T18:15:00.000Z");
    assert_eq!(Timestamp::parse("2026-11-18T14:36:12.765Z").unwrap().to_string(), "2026-11-18T14:36:12.765Z");
    assert_eq!(Timestamp::parse("2026-11-18T16:59:59.665316+00:00").unwrap().0, 1_795_021_199_665);
    assert_eq!(Timestamp::parse("nonsense"), None);
}
