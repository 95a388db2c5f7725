//! Events as comma-separated values (RFC 4180), one line each.

use kubeconfig::{Fields, Projection, Recorded};

use crate::words::headline;

/// The first line.
pub(super) const HEAD: &str = "id,occurred,recorded,type,stream,version,cluster,cluster_name,uid,name,\
    actor_channel,actor_principal,actor_human,revocation,correlation,causation,source,source_id,what,data\n";

/// Lines of events.
pub(super) fn rows(events: &[Recorded], names: &Projection, out: &mut Vec<u8>) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    for event in events {
        for cell in cells(event, names) {
            writer.write_field(without_formula(cell))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}

fn cells(event: &Recorded, names: &Projection) -> [String; 20] {
    let (cluster, uid) = (event.stream.cluster(), event.stream.uid());
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
    let source = event.source.as_ref();
    [
        event.id.to_string(),
        event.occurred_at.to_string(),
        event.recorded_at.to_string(),
        event.event.type_name(),
        event.stream.to_string(),
        event.version.to_string(),
        text(cluster.map(|id| id as _)),
        cluster.and_then(|id| names.clusters.get(id)).map(|cluster| cluster.name.clone()).unwrap_or_default(),
        text(uid.map(|uid| uid as _)),
        uid.and_then(|uid| names.identities.get(uid))
            .map(|person| person.name.to_string())
            .unwrap_or_default(),
        event.actor.channel.to_string(),
        event.actor.principal.clone().unwrap_or_default(),
        event.actor.human.clone().unwrap_or_default(),
        text(event.event.revocation().as_ref().map(|id| id as _)),
        event.correlation.to_string(),
        text(event.causation.as_ref().map(|id| id as _)),
        source.map(|source| source.source.clone()).unwrap_or_default(),
        source.map(|source| source.id.clone()).unwrap_or_default(),
        headline(event),
        serde_json::to_string(&Fields(&event.event)).unwrap_or_default(),
    ]
}

/// Spreadsheets run a cell that begins like a formula, also behind a tab or a line break (OWASP, "CSV Injection"): such a
/// cell begins with `'`.
fn without_formula(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(without_formula(text.to_owned()), format!("'{text}"));
        }
        assert_eq!(without_formula("a=1".to_owned()), "a=1");
    }

    #[test]
    fn the_first_line_names_every_cell() {
        assert_eq!(HEAD.trim_end().split(',').count(), 20);
    }
}
