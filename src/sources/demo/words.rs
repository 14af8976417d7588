//! What the demo speaks about: workspaces with their files, commands and tasks, and the words of agents. Constants only;
//! every text is made up.

/// A directory with what is done in it.
pub(super) struct Place {
    /// Absolute path.
    pub(super) path: &'static str,
    /// Short name.
    pub(super) name: &'static str,
    /// Files agents touch.
    pub(super) files: [&'static str; 6],
    /// Commands agents run.
    pub(super) commands: [&'static str; 4],
    /// Tasks: title and kind.
    pub(super) titles: [(&'static str, &'static str); 8],
}

/// The directories.
pub(super) const PLACES: [Place; 8] = [
    Place {
        path: "/home/mira/acme/storefront/services/checkout",
        name: "checkout",
        files: [
            "src/pay.ts",
            "src/cart/total.ts",
            "src/refund.ts",
            "test/pay.spec.ts",
            "src/webhook.ts",
            "openapi.yaml",
        ],
        commands: ["npm test", "npm run lint", "npx tsc --noEmit", "git diff --stat"],
        titles: [
            ("Retry card payments once when the bank times out", "bug_fix"),
            ("Refund partial orders without touching shipped items", "feature"),
            ("Round VAT per line, not per order", "bug_fix"),
            ("Split the payment module by provider", "refactor"),
            ("Idempotency keys for the webhook endpoint", "feature"),
            ("Why are 2 % of Apple Pay sessions abandoned?", "analysis"),
            ("Raise test coverage of refund.ts to 90 %", "test"),
            ("Describe the checkout API in OpenAPI 3.1", "documentation"),
        ],
    },
    Place {
        path: "/home/mira/acme/storefront/web",
        name: "web",
        files: [
            "app/page.tsx",
            "app/search/results.tsx",
            "components/Basket.tsx",
            "styles/tokens.css",
            "lib/i18n.ts",
            "e2e/basket.spec.ts",
        ],
        commands: ["pnpm test", "pnpm build", "pnpm exec playwright test", "pnpm lint --fix"],
        titles: [
            ("Basket drawer keeps focus when it opens", "bug_fix"),
            ("検索結果ページの表示速度を改善する", "performance"),
            ("Dark mode for the account pages", "feature"),
            ("Replace moment with Temporal", "refactor"),
            ("Largest contentful paint under 1.8 s on the start page", "performance"),
            ("Umlaute in Suchbegriffen richtig kürzen (Größe, Straße)", "bug_fix"),
            ("End-to-end tests for guest checkout", "test"),
            ("Remove the unused carousel and its 84 kB", "chore"),
        ],
    },
    Place {
        path: "/home/mira/acme/ledger-core",
        name: "ledger-core",
        files: [
            "src/posting.rs",
            "src/account/balance.rs",
            "src/import/camt.rs",
            "tests/laws.rs",
            "benches/postings.rs",
            "Cargo.toml",
        ],
        commands: ["cargo test", "cargo clippy --all-targets", "cargo bench postings", "cargo fmt --check"],
        titles: [
            ("Balance of an account as of any date in constant time", "feature"),
            ("Reject postings whose legs do not sum to zero", "bug_fix"),
            ("Read camt.053 statements with several currencies", "feature"),
            ("Property tests: import, export, import is the identity", "test"),
            (
                "Replace f64 amounts with integer cents everywhere, \
              including the three places in reporting that convert back and forth",
                "refactor",
            ),
            ("Migrate the posting table without downtime", "migration"),
            ("Find the leak in the statement importer", "bug_fix"),
            ("Explain the closing of a fiscal year", "documentation"),
        ],
    },
    Place {
        path: "/home/mira/acme/infra/terraform",
        name: "terraform",
        files: [
            "envs/prod/main.tf",
            "modules/vpc/main.tf",
            "modules/db/variables.tf",
            "envs/stage/main.tf",
            "policies/iam.json",
            "README.md",
        ],
        commands: ["terraform plan", "terraform validate", "tflint", "checkov -d ."],
        titles: [
            ("Move staging to the new VPC", "migration"),
            ("Least privilege for the deploy role", "security_audit"),
            ("Database backups to a second region", "feature"),
            ("Upgrade the AWS provider to version 6", "chore"),
            ("Cost report: which volumes are unattached?", "analysis"),
            ("Alarm when replication lags more than 30 s", "feature"),
            ("Rotate the keys of the artifact store", "security_audit"),
            ("Document how to restore from a backup", "documentation"),
        ],
    },
    Place {
        path: "/home/mira/acme/mobile/android",
        name: "android",
        files: [
            "app/src/main/java/Login.kt",
            "app/src/main/java/Sync.kt",
            "app/src/test/SyncTest.kt",
            "app/build.gradle.kts",
            "app/src/main/res/values/strings.xml",
            "app/src/main/java/Push.kt",
        ],
        commands: ["./gradlew test", "./gradlew lint", "./gradlew assembleDebug", "adb logcat -d"],
        titles: [
            ("Log in with a passkey 🔑", "feature"),
            ("Sync stops after aeroplane mode", "bug_fix"),
            ("Push notifications arrive twice on Android 16", "bug_fix"),
            ("Port the settings screen to Compose", "refactor"),
            ("Crash in Sync.kt when the clock is set back", "bug_fix"),
            ("Shrink the release build below 12 MB", "performance"),
            ("Screenshot tests for all empty states", "test"),
            ("Review pull request 1184: offline basket", "code_review"),
        ],
    },
    Place {
        path: "/home/mira/acme/search-indexer",
        name: "search-indexer",
        files: [
            "cmd/indexer/main.go",
            "internal/tokenize/de.go",
            "internal/shard/merge.go",
            "internal/shard/merge_test.go",
            "internal/api/query.go",
            "go.mod",
        ],
        commands: ["go test ./...", "go vet ./...", "go test -bench . ./internal/shard", "staticcheck ./..."],
        titles: [
            ("Merge shards without stopping queries", "feature"),
            ("Compound words: find Schuh in Kinderschuhe", "feature"),
            ("Index rebuild takes 40 minutes instead of 6", "performance"),
            ("Data race between merge and delete", "bug_fix"),
            ("Synonyms from the editors' spreadsheet", "feature"),
            ("Rank by margin: an experiment behind a flag", "analysis"),
            ("Fuzz the query parser", "test"),
            ("Review pull request 733: delta index", "code_review"),
        ],
    },
    Place {
        path: "/home/mira/acme/docs-site",
        name: "docs-site",
        files: [
            "content/start.md",
            "content/api/orders.md",
            "content/guides/webhooks.md",
            "layouts/base.html",
            "scripts/links.py",
            "content/changelog.md",
        ],
        commands: ["hugo --minify", "python scripts/links.py", "vale content/", "npx pagefind --site public"],
        titles: [
            ("A first order in five minutes: rewrite the start page", "documentation"),
            ("Find and mend dead links", "chore"),
            ("Webhook guide with signatures in four languages", "documentation"),
            ("Change log of 2.4 from merged pull requests", "documentation"),
            ("Search on the site finds headings first", "feature"),
            ("Check every code sample against the sandbox", "test"),
            ("Translate the returns guide into Polish", "documentation"),
            ("Which pages does nobody read?", "analysis"),
        ],
    },
    Place {
        path: "/home/mira/labs/invoice-reader",
        name: "invoice-reader",
        files: [
            "reader/layout.py",
            "reader/tables.py",
            "tests/test_tables.py",
            "notebooks/errors.ipynb",
            "pyproject.toml",
            "reader/cli.py",
        ],
        commands: ["pytest -q", "ruff check .", "mypy reader", "python -m reader.cli samples/"],
        titles: [
            ("Read tables that continue on the next page", "feature"),
            ("Wrong totals on scanned invoices", "bug_fix"),
            ("Compare three OCR engines on 200 samples", "analysis"),
            ("Type hints for the layout package", "refactor"),
            ("Command line: read a whole folder in parallel", "feature"),
            ("Threat model for uploaded PDFs", "security_audit"),
            ("Make the tests run in under a minute", "performance"),
            ("Review pull request 58: rotated pages", "code_review"),
        ],
    },
];

/// Tasks that any file can need, with their kind; `{}` is the file.
pub(super) const CHORES: [(&str, &str); 10] = [
    ("Flaky test around {}", "bug_fix"),
    ("Error messages of {} name the cause", "feature"),
    ("Split {} into two modules", "refactor"),
    ("Cover the error paths of {}", "test"),
    ("Document {}", "documentation"),
    ("Profile {} under load", "performance"),
    ("Remove dead code from {}", "chore"),
    ("Review the last change of {}", "code_review"),
    ("Who still depends on {}?", "analysis"),
    ("Validate what reaches {}", "security_audit"),
];

/// What a sub-agent is asked for, by its role; `{}` is a file.
pub(super) fn errand(role: &str) -> &'static str {
    match role {
        "explore" => "Find callers of {}",
        "tester" => "Write tests for {}",
        "reviewer" => "Review {}",
        _ => "Change {}",
    }
}

/// Model ids with their share in percent; the last has no price.
pub(super) const MODELS: [(&str, u64); 5] = [
    ("claude-opus-5-5", 26),
    ("claude-sonnet-5-5", 42),
    ("claude-haiku-4-5-20251001", 20),
    ("claude-fable-5-1", 7),
    ("glm-4.6", 5),
];

/// Roles of the standing crew and of sessions.
pub(super) const ROLES: [&str; 7] =
    ["orchestrator", "builder", "planner", "tester", "reviewer", "analyst", "documenter"];
/// Roles of sub-agents.
pub(super) const SUB_ROLES: [&str; 5] = ["explore", "builder", "tester", "reviewer", "explore"];

/// The workflow of a task by its kind.
pub(super) fn workflow(kind: &str) -> &'static [&'static str] {
    match kind {
        "bug_fix" => &["analyst", "builder", "tester", "reviewer"],
        "feature" => &["analyst", "planner", "builder", "tester", "reviewer", "documenter"],
        "refactor" | "migration" | "performance" => &["planner", "builder", "tester", "reviewer"],
        "code_review" => &["reviewer"],
        "documentation" => &["documenter", "reviewer"],
        "test" => &["tester", "reviewer"],
        "security_audit" => &["analyst", "reviewer", "documenter"],
        _ => &["analyst"],
    }
}

/// What agents wait for.
pub(super) const REASONS: [&str; 9] = [
    "permission: Bash \"npm publish\"",
    "plan approval",
    "question: keep the old endpoint for one more release?",
    "permission: Bash \"git push\"",
    "permission: Edit .github/workflows/release.yml",
    "question: which of the two refund rules is right?",
    "plan approval",
    "permission: WebFetch docs.stripe.com",
    "permission: Bash \"terraform apply\"",
];
/// Why agents are blocked.
pub(super) const BLOCKS: [&str; 4] = [
    "usage limit reached: week Fable",
    "waits for another task on the same branch",
    "overloaded: retry 4 of 10",
    "usage limit reached: 5 h",
];
/// How tasks fail.
pub(super) const ERRORS: [&str; 7] = [
    "3 tests still fail after 5 attempts: pay.spec.ts:118, pay.spec.ts:131, refund.spec.ts:40",
    "merge conflict in go.mod that needs a decision",
    "API error 529: overloaded, gave up after 10 retries",
    "the process ended with exit code 137 (out of memory)",
    "terraform plan: error acquiring the state lock, held by ci-runner-3 since 09:41",
    "context window exceeded while reading fixtures/large.json",
    "hook pre-commit blocked the change: secrets found in envs/prod/main.tf",
];
/// How tasks end well.
pub(super) const RESULTS: [&str; 6] = [
    "Done. All tests pass.\n\n- changed 4 files\n- added 11 tests\n- no change of the public interface",
    "Merged as two commits. The second one can be reverted alone.\n\nFollow-up: the old flag may go after 2.5.",
    "## Summary\nThe cause was a missing lock around the merge. Fixed, with a test that failed before.\n\n\
     Measured: 6 min 12 s → 5 min 48 s.",
    "Review finished: 2 remarks that must be fixed, 5 that may.\n\n1. `merge.go:88` leaks a file on error\n\
     2. `query.go:31` trusts the length sent by the client",
    "Report written to `docs/findings.md`.\n\n| question | answer |\n|---|---|\n| worth it? | yes, from 200 orders a day |",
    "Nothing to change: the behaviour is as documented. Added a sentence to the guide.",
];
/// What a prompt asks beyond its title.
pub(super) const DEMANDS: [&str; 7] = [
    "- write the failing test first\n- keep the public interface as it is",
    "Please:\n1. read the code around it\n2. propose a plan\n3. wait for my approval",
    "Constraints:\n- no new dependency\n- `main` must stay green\n- one commit a step",
    "Acceptance:\n- [ ] works on a cold cache\n- [ ] documented\n- [ ] measured before and after",
    "Context: reported by two customers, see **#2291**. They run version 2.3.4.",
    "Take care: the same code is used by the night job.\n\n```\nimport --all --dry-run\n```\nmust print the same as before.",
    "Look at how the other module does it and follow its style.",
];
/// Background shells.
pub(super) const SHELLS: [&str; 4] =
    ["npm run dev", "cargo watch -x test", "docker compose logs -f", "tail -f /tmp/build.log"];
/// Plan items of agents.
pub(super) const PLAN: [&str; 7] = [
    "Read the code around it",
    "Write a failing test",
    "Make it pass",
    "Run the whole suite",
    "Measure",
    "Update the documentation",
    "Ask for a review",
];
/// Backlog titles beyond those of the workspaces.
pub(super) const WISHES: [&str; 5] = [
    "Ask legal about the retention of invoices",
    "Flaky: basket.spec.ts fails on Mondays",
    "Warn before the certificate of the sandbox ends",
    "One place for feature flags",
    "Speed up the build (11 min)",
];
