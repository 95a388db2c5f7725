//! Asynchronous cleaning: a task works through its clusters one after the other.
//!
//! There is no worker: whoever looks at the account first settles what has become due. A task that nobody looks at
//! still ends at the same time with the same result.

use jiff::{SignedDuration, Timestamp};

use super::{Account, Refusal};

/// A running or ended CleanUserPermissions.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) uid: String,
    pub(crate) caller: String,
    pub(crate) force: bool,
    pub(crate) steps: Vec<Step>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) canceled: bool,
}

/// One cluster of a task.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) cluster: String,
    pub(crate) due: Timestamp,
    pub(crate) done: Option<Result<(), Refusal>>,
}

impl Task {
    /// `running | fail | success` (alibabacloud-cs20151215 7.2.3); `canceled` (ack-ram-tool e34e2551).
    pub(crate) fn state(&self) -> &'static str {
        if self.canceled {
            "canceled"
        } else if self.steps.iter().any(|s| s.done.is_none()) {
            "running"
        } else if self.steps.iter().any(|s| matches!(s.done, Some(Err(_)))) {
            "fail"
        } else {
            "success"
        }
    }
}

impl Account {
    /// Starts cleaning an identity's access to clusters; each takes `step`.
    ///
    /// # Errors
    /// Those of [`Account::refuse_cleaning`]: they are known before the task starts.
    pub(crate) fn start_cleaning(
        &mut self,
        uid: &str,
        clusters: Vec<String>,
        force: bool,
        caller: &str,
        step: SignedDuration,
        now: Timestamp,
    ) -> Result<&Task, Refusal> {
        self.refuse_cleaning(uid, caller)?;
        for cluster in &clusters {
            self.cluster(cluster)?;
        }
        let mut due = now;
        let steps = clusters.into_iter().map(|cluster| {
            due = due.saturating_add(step).unwrap_or(due);
            Step { cluster, due, done: None }
        });
        let steps = steps.collect();
        let id = format!("clean-user-permissions-{uid}-{:06}", self.next_number());
        self.tasks.push(Task {
            id: id.clone(),
            uid: uid.to_owned(),
            caller: caller.to_owned(),
            force,
            steps,
            created: now,
            updated: now,
            canceled: false,
        });
        self.task(&id)
    }

    /// The task with this id.
    pub(crate) fn task(&self, id: &str) -> Result<&Task, Refusal> {
        self.tasks.iter().find(|t| t.id == id).ok_or_else(|| Refusal::NoSuchTask(id.to_owned()))
    }

    /// Leaves undone what a task has not done yet. An ended task stays as it is.
    pub(crate) fn cancel_task(&mut self, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let task = self.tasks.iter_mut().find(|t| t.id == id);
        let task = task.ok_or_else(|| Refusal::NoSuchTask(id.to_owned()))?;
        if task.state() == "running" {
            task.canceled = true;
            task.updated = now;
        }
        Ok(())
    }

    /// Does what has become due.
    pub(crate) fn settle(&mut self, again_succeeds: bool, now: Timestamp) {
        for index in 0..self.tasks.len() {
            while let Some((step, cluster)) = self.due_step(index, now) {
                let task = &self.tasks[index];
                let (uid, caller, force) = (task.uid.clone(), task.caller.clone(), task.force);
                let done = self.clean(&cluster, &uid, &caller, force, again_succeeds, now);
                let task = &mut self.tasks[index];
                task.updated = task.steps[step].due;
                task.steps[step].done = Some(done);
            }
        }
    }

    fn due_step(&self, task: usize, now: Timestamp) -> Option<(usize, String)> {
        let task = self.tasks.get(task).filter(|t| !t.canceled)?;
        let step = task.steps.iter().position(|s| s.done.is_none() && s.due <= now)?;
        Some((step, task.steps[step].cluster.clone()))
    }
}
