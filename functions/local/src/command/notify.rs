//! `reaper notify`: who is told of what happens.

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{settings, terminal};

const AFTER: &str = "\
Targets are those of the configuration that have an address: notify.slack.url, notify.dingtalk.url, notify.feishu.url and \
notify.webhook.url. A test message says that nothing has happened; nothing is stored. What was sent in earnest, and what \
became of it, is in the history: `reaper history --type NotificationFailed`.

Examples:
  reaper notify test                         a message to every target, and what each answered
  reaper notify test slack                   to one of them";

/// Options of `notify`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Send a test message, and say what each target answered
    Test {
        /// Name of one target: slack, dingtalk, feishu, webhook, or one of notify.targets
        #[arg(value_name = "TARGET")]
        target: Option<String>,
    },
}

/// Does it.
pub(crate) async fn run(
    global: &Global,
    Args { what: What::Test { target } }: Args,
) -> Result<Exit, Failure> {
    let config = settings::load(global).await?.notify;
    let names = revocation::target_names(&config);
    if let Some(wanted) = target.as_deref().filter(|wanted| !names.contains(wanted)) {
        let what = format!("no target `{wanted}` is configured");
        return Err(Failure::new(Exit::NotFound, what).not_done("nothing was sent").next(known(&names)));
    }
    if names.is_empty() {
        return Err(Failure::new(Exit::NotFound, "no target is configured")
            .not_done("nothing was sent")
            .next(known(&names)));
    }
    let mut exit = Exit::Done;
    for tried in revocation::try_targets(&config, target.as_deref()).await {
        let line = match tried.answer {
            Ok(()) => format!("{}: taken\n", tried.target),
            Err(why) => {
                exit = Exit::Failed;
                format!("{}: not taken: {why}\n", tried.target)
            }
        };
        terminal::print(&line)?;
    }
    Ok(exit)
}

fn known(names: &[&str]) -> String {
    match names {
        [] => "set notify.slack.url, notify.dingtalk.url, notify.feishu.url, notify.webhook.url or notify.targets".into(),
        names => format!("configured are: {}", names.join(", ")),
    }
}
