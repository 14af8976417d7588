use super::*;

/// An own answer without anything special.
pub(in super::super) fn candidate(key: u64, output: u64) -> Candidate {
    Candidate {
        key,
        at: Some(Timestamp::from_secs(100)),
        tokens: Tokens { output, ..Tokens::default() },
        side: false,
        claim: Claim::Own,
        has_speed: false,
        fast: false,
        cost: None,
        model: 0,
        turn: 1,
    }
}

fn rank(first: i64, session: &str) -> FileRank {
    FileRank {
        gone: false,
        first_at: Some(Timestamp::from_secs(first)),
        session: Safe::line(session),
        path: Safe::line(session),
        shares: false,
    }
}

fn told(answers: &mut Answers) -> Vec<(u64, u32, u64, Option<i64>)> {
    let mut out = Vec::new();
    answers.tell_changed(&|_| true, false, &mut |counted| {
        out.push((counted.key.0, counted.owner, counted.tokens.output, counted.at.map(Timestamp::secs)));
    });
    out.sort_unstable();
    out
}

#[test]
fn the_order_of_files_does_not_matter() {
    let early = Candidate { at: Some(Timestamp::from_secs(50)), ..candidate(1, 8) };
    let copies = [
        (0, early),
        (1, candidate(1, 212)),
        (2, Candidate { claim: Claim::Copied, ..candidate(1, 212) }),
        (3, Candidate { side: true, claim: Claim::Agent, ..candidate(1, 9000) }),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let mut answers = Answers::default();
        for (number, first) in [(0, 30), (1, 20), (2, 10), (3, 5)] {
            answers.rank_file(number, rank(first, &format!("s{number}")));
        }
        for at in order {
            let (file, copy) = copies[at];
            answers.take(file, &[copy], &[Safe::line("m")]);
        }
        assert_eq!(told(&mut answers), [(1, 1, 212, Some(50))], "{order:?}");
    }
}

#[test]
fn only_what_changed_is_told_again() {
    let mut answers = Answers::default();
    let models = [Safe::line("m")];
    answers.rank_file(0, rank(1, "a"));
    answers.take(0, &[candidate(1, 5), candidate(2, 5)], &models);
    assert_eq!(told(&mut answers).len(), 2);
    answers.take(0, &[candidate(1, 5), candidate(2, 3)], &models);
    assert!(told(&mut answers).is_empty());
    answers.take(0, &[candidate(2, 9)], &models);
    assert_eq!(told(&mut answers), [(2, 0, 9, Some(100))]);
}

#[test]
fn a_lost_file_takes_its_answers_and_slots_are_used_again() {
    let mut answers = Answers::default();
    let models = [Safe::line("m")];
    answers.rank_file(0, rank(1, "a"));
    answers.rank_file(1, rank(2, "b"));
    answers.take(0, &[candidate(1, 5)], &models);
    answers.take(1, &[candidate(2, 5)], &models);
    told(&mut answers);
    answers.forget_file(0);
    assert_eq!(answers.take_gone(), [UsageKey(1)]);
    answers.take(1, &[candidate(3, 7)], &models);
    assert_eq!(told(&mut answers), [(3, 1, 7, Some(100))]);
    assert!(!answers.shares(1));
    answers.take(0, &[candidate(3, 7)], &models);
    assert!(answers.shares(0) && answers.shares(1));
    answers.forget_all();
    answers.take(0, &[candidate(3, 7)], &models);
    answers.rank_file(0, rank(1, "a"));
    assert_eq!(answers.take_gone(), [UsageKey(2)]);
}

#[test]
fn figures_beyond_32_bits_are_kept() {
    let mut answers = Answers::default();
    answers.take(0, &[candidate(1, u64::from(u32::MAX) + 5)], &[Safe::line("m")]);
    assert_eq!(told(&mut answers), [(1, 0, u64::from(u32::MAX) + 5, Some(100))]);
}
