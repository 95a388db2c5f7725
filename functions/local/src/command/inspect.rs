//! `reaper inspect`: whose a kubeconfig file or certificate is.

use std::io::Read as _;
use std::path::PathBuf;

use alibaba_cloud::certificate::ClientCertificate;
use alibaba_cloud::kubeconfig_file::{self, FileContext, Held};
use jiff::Timestamp;
use kubeconfig::{ClusterId, KubeconfigKey, Uid};
use revocation::History;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Holding, Options, Validity};
use crate::{settings, terminal};

const AFTER: &str = "\
Calls nothing. Private keys and tokens are dropped while the file is read: they are neither kept nor shown. \
Where the event store knows the kubeconfig, its status is shown, too.

Examples:
  reaper inspect ~/.kube/config
  reaper inspect leaked.yaml -o json
  kubectl config view --raw --minify | reaper inspect -
  reaper inspect client.crt";

/// Options of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Kubeconfig file, or certificate in PEM or DER; `-` for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// Reads and shows.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let input = read(args)?;
    let mut holdings = understand(&input)?;
    if let Ok(history) = settings::history(global) {
        for holding in &mut holdings {
            look_up(holding, &history).await?;
        }
    }
    if terminal::print(&args.options.list(&holdings, &holdings)?)? && args.options.for_people() {
        suggest(&holdings);
    }
    Ok(Exit::Done)
}

fn read(args: &Args) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(kubeconfig_file::MAX_INPUT).unwrap_or(u64::MAX).saturating_add(1);
    let mut input = vec![];
    let read = if args.file.as_os_str() == "-" {
        std::io::stdin().take(most).read_to_end(&mut input)
    } else {
        std::fs::File::open(&args.file).and_then(|file| file.take(most).read_to_end(&mut input))
    };
    read.map_err(|error| {
        Failure::new(Exit::Failed, format!("{} cannot be read: {error}", args.file.display()))
            .not_done("nothing was inspected")
    })?;
    Ok(input)
}

/// A kubeconfig file, or else a certificate.
fn understand(input: &[u8]) -> Result<Vec<Holding>, Failure> {
    let now = Timestamp::now();
    let not_a_file = match kubeconfig_file::read(input) {
        Ok(contexts) => return Ok(contexts.into_iter().map(|context| of_context(context, now)).collect()),
        Err(error) => error,
    };
    match ClientCertificate::read(input) {
        Ok(certificate) => {
            let mut holding = Holding::default();
            fill(&mut holding, &certificate, now);
            Ok(vec![holding])
        }
        Err(not_a_certificate) => Err(Failure::new(
            Exit::Failed,
            format!("this is no kubeconfig file ({not_a_file}) and no certificate ({not_a_certificate})"),
        )
        .not_done("nothing was inspected")),
    }
}

fn of_context(context: FileContext, now: Timestamp) -> Holding {
    let FileContext { name, current, cluster, server, held, .. } = context;
    let texts = [Some(name.as_str()), Some(cluster.as_str()), server.as_deref()];
    let id = texts.into_iter().flatten().find_map(cluster_id_in);
    let mut holding = Holding { context: Some(name), current, server, cluster: id, ..Holding::default() };
    match held {
        Held::Certificate(certificate) => fill(&mut holding, &certificate, now),
        Held::Token => holding.holds = "a token".to_owned(),
        Held::ExecPlugin { command } => holding.holds = format!("asks {command}"),
        Held::Unreadable(why) => holding.holds = why.to_string(),
    }
    holding
}

fn fill(holding: &mut Holding, certificate: &ClientCertificate, now: Timestamp) {
    holding.holds = match certificate.holder {
        Some(_) => "a certificate".to_owned(),
        None => "a certificate of another issuer".to_owned(),
    };
    holding.uid = certificate.holder.as_ref().map(|holder| holder.uid.to_string());
    holding.common_name = Some(certificate.common_name.clone());
    holding.groups.clone_from(&certificate.organizations);
    holding.not_before = Some(certificate.not_before);
    holding.not_after = Some(certificate.not_after);
    holding.sha256 = Some(certificate.sha256.clone());
    holding.validity = Some(match now {
        now if now < certificate.not_before => Validity::NotYetValid,
        now if certificate.is_expired(now) => Validity::Expired,
        _ => Validity::Valid,
    });
}

/// A kubeconfig has no field for the id of its cluster; the names that Container Service gives its contexts carry it:
/// `c` and 32 hexadecimal digits.
fn cluster_id_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut ids = words.filter(|word| {
        word.len() == 33 && word.starts_with('c') && word[1..].bytes().all(|b| b.is_ascii_hexdigit())
    });
    ids.next().map(str::to_owned)
}

/// Adds what the store knows of the pair.
async fn look_up(holding: &mut Holding, history: &History) -> Result<(), Failure> {
    let (Some(cluster), Some(uid)) = (&holding.cluster, &holding.uid) else { return Ok(()) };
    let (Ok(cluster), Ok(uid)) = (cluster.parse::<ClusterId>(), uid.parse::<Uid>()) else { return Ok(()) };
    let pair = history.pair(&KubeconfigKey { cluster, uid }).await?;
    holding.status = pair.map(|pair| match pair.account_state {
        Some(state) => format!("{}, account {state}", pair.status),
        None => pair.status.to_string(),
    });
    Ok(())
}

/// What to do about it, on stderr.
fn suggest(holdings: &[Holding]) {
    for Holding { uid, cluster, .. } in holdings {
        match (uid, cluster) {
            (Some(uid), Some(cluster)) => {
                terminal::say(&format!("to end this access: reaper revoke {uid} {cluster}"))
            }
            (Some(uid), None) => {
                terminal::say(&format!("to end this holder's access everywhere: reaper revoke {uid} --all"));
            }
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cluster_id_in;

    #[test]
    fn the_id_of_a_cluster_is_found_in_names() {
        let id = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(cluster_id_in(&format!("200000000000000101-{id}")).as_deref(), Some(id));
        assert_eq!(cluster_id_in(&format!("https://{id}.cn-hangzhou.example.com:6443")).as_deref(), Some(id));
        assert_eq!(cluster_id_in("kubernetes"), None);
        assert_eq!(cluster_id_in(&format!("{id}0")), None);
    }
}
