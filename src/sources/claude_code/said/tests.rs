use proptest::prelude::*;

use super::{super::answers, *};

fn candidate() -> impl Strategy<Value = Candidate> {
    let claims = [Claim::Own, Claim::Agent, Claim::Side, Claim::Copied, Claim::Past];
    let count = || prop_oneof![0..300_u64, any::<u64>()];
    let tokens = (count(), count(), count(), count(), count());
    let time = prop::option::of(prop_oneof![1_700_000_000..1_800_000_000_i64, -5..5_i64]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), prop::sample::select(claims.to_vec()));
    (any::<u64>(), time, tokens, flags, prop::option::of(any::<i64>()), 0..3_u16, 0..3_u32).prop_map(
        |(key, at, tokens, (side, has_speed, fast, claim), cost, model, turn)| Candidate {
            key,
            at: at.map(Timestamp::from_secs),
            tokens: Tokens {
                input: tokens.0,
                output: tokens.1,
                cache_read: tokens.2,
                cache_write_5m: tokens.3,
                cache_write_1h: tokens.4,
            },
            side,
            claim,
            has_speed,
            fast,
            cost: cost.map(Usd),
            model,
            turn,
        },
    )
}

proptest! {
    #[test]
    fn what_is_packed_in_pieces_comes_back(
        first in prop::collection::vec(candidate(), 0..20),
        second in prop::collection::vec(candidate(), 0..20),
    ) {
        let mut packed = Vec::new();
        pack(&first, &mut packed);
        pack(&second, &mut packed);
        let mut out = Vec::new();
        unpack(&packed, &mut out);
        prop_assert_eq!(out, [first, second].concat());
    }

    #[test]
    fn no_bytes_are_too_wrong_to_be_looked_at(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        unpack(&bytes, &mut Vec::new());
    }

    #[test]
    fn a_cut_piece_says_what_stood_before_the_cut(
        all in prop::collection::vec(candidate(), 1..10),
        cut in 0.0..1.0_f64,
    ) {
        let mut packed = Vec::new();
        pack(&all, &mut packed);
        let mut out = Vec::new();
        unpack(&packed[..(packed.len() as f64 * cut) as usize], &mut out);
        prop_assert!(out.len() < all.len() && out[..] == all[..out.len()]);
    }
}

#[test]
fn an_answer_takes_about_nineteen_bytes() {
    let answers: Vec<Candidate> = (0..100)
        .map(|n| Candidate {
            at: Some(Timestamp::from_secs(1_750_000_000 + n as i64 * 20)),
            tokens: Tokens {
                input: 5,
                output: 300 + n,
                cache_read: 80_000 + n * 900,
                cache_write_5m: 900,
                cache_write_1h: 0,
            },
            turn: 1 + n as u32 / 10,
            ..answers::tests::candidate(u64::MAX / (n + 1), 0)
        })
        .collect();
    let mut packed = Vec::new();
    pack(&answers, &mut packed);
    assert!(packed.len() < 2000, "{}", packed.len());
}
