//! What every command needs: settings, surroundings, what is wanted, and what follows from them.

use std::sync::Arc;

use super::{
    args::{Common, Demo},
    doctor,
    headless::{Wanted, WrongUse},
};
use crate::{
    config::{Config, Places, load_budgets},
    memory::{self, Ledger, Refusal},
    model::{Budgets, Zone},
    runtime::{self, clock},
    sources::{Surroundings, detect::Plan, memory::Memory},
};

/// Variables that sources look at for their usual places.
const VARIABLES: [&str; 9] = [
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "XDG_CONFIG_HOME",
    "OPENCODE_DATA_DIR",
    "XDG_DATA_HOME",
    "ORCHESTRATOR_HOME",
    "DB_PATH",
    "MEMORY_DB_DIR",
    "MEMORY_DB_PATH",
];

/// What every command needs.
pub(super) struct Scene {
    pub(super) common: Common,
    pub(super) config: Config,
    pub(super) places: Places,
    pub(super) warnings: Vec<String>,
    around: Surroundings,
    pub(super) wanted: Wanted,
}

impl Scene {
    /// Reads settings, surroundings and the clock.
    pub(super) fn set(common: Common) -> color_eyre::Result<Self> {
        let places = Places::find(common.config.clone(), common.state_dir.clone());
        let (config, warnings) = Config::load(&places).map_err(|error| WrongUse(error.to_string()))?;
        let around = Surroundings {
            home: std::env::home_dir().unwrap_or_default(),
            cwd: std::env::current_dir().unwrap_or_default(),
            vars: VARIABLES
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
                .collect(),
            zone: known_system_zone(),
        };
        let wanted = Wanted::of(&common, &around, clock::now(), system_zone(), &config)?;
        Ok(Self { common, config, places, warnings, around, wanted })
    }

    /// What is wrong with the settings, for those who do not open the monitor (which tells by itself).
    pub(super) fn remarks(&self) -> Vec<String> {
        let (_, problems) = self.config.keymap();
        self.warnings.iter().cloned().chain(problems.iter().map(ToString::to_string)).collect()
    }

    /// The ledger, unless nothing is to be written.
    pub(super) fn ledger(&self) -> Option<Result<Arc<Ledger>, Refusal>> {
        let days = self.config.remember_detail_days.unwrap_or(memory::DETAIL_DAYS);
        (!self.common.no_state).then(|| Ledger::open(&self.places.state, days))
    }

    /// What is to be read: the pretend fleet, or what was named or found.
    pub(super) fn plan(&self, demo: Option<&Demo>, ledger: Option<&Arc<Ledger>>) -> Plan {
        let Some(demo) = demo else {
            let mut plan = self.wanted.plan(&self.around);
            for planned in &mut plan.sources {
                planned.settings.memory = ledger.map(|ledger| Arc::clone(ledger) as Arc<dyn Memory>);
            }
            return plan;
        };
        let mut plan = Plan::default();
        plan.keep_only("demo", self.wanted.zone);
        for planned in &mut plan.sources {
            let options = [
                ("agents", demo.agents.map(|n| n.to_string())),
                ("speed", demo.speed.map(|x| x.to_string())),
                ("seed", demo.seed.map(|n| n.to_string())),
            ];
            planned.settings.options =
                options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        }
        plan
    }

    /// The budgets of the settings and those set on the screen; and what is wrong with the latter. The pretend fleet has
    /// its own.
    pub(super) fn budgets_for(&self, plan: &Plan) -> (Budgets, Option<String>) {
        if !plan.sources.is_empty() && plan.sources.iter().all(|planned| planned.kind.id() == "demo") {
            let made_up = crate::sources::demo::budgets(self.wanted.moment.now);
            return (made_up.with_settings(self.config.budgets()), None);
        }
        let kept =
            if self.common.no_state { Ok(Budgets::default()) } else { load_budgets(&self.places.state) };
        let (own, error) = match kept {
            Ok(own) => (own, None),
            Err(error) => (Budgets::default(), Some(error)),
        };
        let kept = error.is_none() && !self.common.no_state;
        (Budgets { kept, ..own }.with_settings(self.config.budgets()), error)
    }

    /// What `doctor` says of this machine.
    pub(super) fn machine(&self, ledger: Option<&Result<Arc<Ledger>, Refusal>>) -> doctor::Machine {
        let var = |name: &str| std::env::var(name).unwrap_or_else(|_| "-".to_owned());
        doctor::Machine {
            inotify_watches: std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches")
                .ok()
                .and_then(|text| text.trim().parse().ok()),
            config: self.places.describe(),
            ledger: match ledger {
                None => doctor::Ledger::Off,
                Some(Err(refusal)) => doctor::Ledger::Refused(refusal.to_string()),
                Some(Ok(ledger)) => doctor::Ledger::Kept(ledger.status()),
            },
            warnings: self.remarks(),
            terminal: format!("TERM={} COLORTERM={}", var("TERM"), var("COLORTERM")),
            zone: self.wanted.zone.name().to_owned(),
        }
    }

    /// How one frame is drawn.
    pub(super) fn frame_options(&self, plan: &Plan) -> runtime::FrameOptions {
        runtime::FrameOptions {
            config: self.config.clone(),
            view: self.wanted.view.clone(),
            range: self.wanted.range,
            zone: self.wanted.zone,
            budgets: self.budgets_for(plan).0,
            now: self.wanted.moment.now,
            theme: self.common.theme.clone(),
            ascii: self.common.ascii,
            no_color: self.common.no_color,
        }
    }
}

/// The machine's zone; UTC when it has none that the database knows.
fn system_zone() -> Zone {
    known_system_zone().unwrap_or(Zone::UTC)
}

fn known_system_zone() -> Option<Zone> {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok())
}
