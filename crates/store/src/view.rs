//! The reading face of the store: short, synchronous reads on a pool of read-only connections. Pages are given this.

use std::sync::Arc;

use vigil_domain::{
    party::{Contract, Coverage, Member, Provider},
    time::{Day, Moment},
};

use crate::{
    StoreFault,
    commit::{Document, Head, MessageNote, StoredEvent, StoredMessage, SubjectKey},
    directory::{Account, CodeEntry, Session, Token},
    engine::{
        lists, load, lookup,
        seam::Engine,
        work::{self, WorkCursor, WorkFilter, WorkPage},
    },
    rows::{DecidedRow, DueDeadline, MeasureRow, WorkRow},
    trail::TrailNote,
};

/// What the store holds, to read. Cheap to clone; every read sees all commits that were answered before it.
#[derive(Clone)]
pub struct View {
    pub(crate) engine: Arc<dyn Engine>,
}

/// The log.
impl View {
    /// All events of a subject, in order; none when it is unknown.
    pub fn load(&self, tenant: &str, subject: &SubjectKey) -> Result<Vec<StoredEvent>, StoreFault> {
        self.load_after(tenant, subject, 0)
    }

    /// The events of a subject after a version, in order.
    pub fn load_after(&self, tenant: &str, subject: &SubjectKey, version: u64) -> Result<Vec<StoredEvent>, StoreFault> {
        load::events_after(&*self.engine.reader()?, tenant, subject, version)
    }

    /// Where a subject's chain stands.
    pub fn head(&self, tenant: &str, subject: &SubjectKey) -> Result<Option<Head>, StoreFault> {
        load::head(&*self.engine.reader()?, tenant, subject)
    }

    /// The position behind which no event can still appear: a feed reads up to here.
    pub fn watermark(&self) -> Result<u64, StoreFault> {
        load::watermark(&*self.engine.reader()?)
    }

    /// Events of all tenants and subjects after a position, in order, never beyond the watermark.
    pub fn feed(&self, after: u64, limit: usize) -> Result<Vec<StoredEvent>, StoreFault> {
        load::feed(&*self.engine.reader()?, after, limit)
    }

    /// Events up to a position (a watermark), a whole subject after the other, after one of them: what a reader needs who
    /// folds subjects and not the log's order.
    pub fn told(&self, after: Option<&StoredEvent>, upto: u64, limit: usize) -> Result<Vec<StoredEvent>, StoreFault> {
        load::told(&*self.engine.reader()?, after, upto, limit)
    }

    /// Subjects of a kind in the order of their ids, after an id (empty for the first page).
    pub fn subjects(&self, tenant: &str, kind: &str, after: &str, limit: usize) -> Result<Vec<SubjectKey>, StoreFault> {
        load::subjects(&*self.engine.reader()?, tenant, kind, after, limit)
    }

    /// The message of an idempotency key, with its stored answer.
    pub fn message(&self, tenant: &str, key: &[u8; 32]) -> Result<Option<StoredMessage>, StoreFault> {
        load::message(&*self.engine.reader()?, self.engine.bodies(), tenant, key)
    }

    /// Messages with a sender's own identifier, newest first.
    pub fn messages_by_business_id(
        &self,
        tenant: &str,
        business_id: &str,
        limit: usize,
    ) -> Result<Vec<MessageNote>, StoreFault> {
        load::messages_by_business_id(&*self.engine.reader()?, tenant, business_id, limit)
    }

    /// The messages that wrote to a subject, oldest first.
    pub fn messages_of(&self, tenant: &str, subject: &SubjectKey) -> Result<Vec<MessageNote>, StoreFault> {
        load::messages_of(&*self.engine.reader()?, tenant, subject)
    }

    /// Messages received on a channel whose answer's status is 400 or above and that no replay of them (a message whose own
    /// identifier is `replay KEY`) has done better, oldest first.
    pub fn messages_unread(&self, tenant: &str, channel: &str, limit: usize) -> Result<Vec<MessageNote>, StoreFault> {
        load::messages_unread(&*self.engine.reader()?, tenant, channel, limit)
    }

    /// A document by its digest.
    pub fn document(&self, tenant: &str, digest: &str) -> Result<Option<Document>, StoreFault> {
        load::document(&*self.engine.reader()?, self.engine.bodies(), tenant, digest)
    }

    /// A pinned text by its digest.
    pub fn pin(&self, tenant: &str, digest: &str) -> Result<Option<String>, StoreFault> {
        load::pin(&*self.engine.reader()?, tenant, digest)
    }

    /// Every pinned text of every tenant, with its digest.
    pub fn pins(&self) -> Result<Vec<(String, String)>, StoreFault> {
        load::pins(&*self.engine.reader()?)
    }
}

/// Work: lists, search, deadlines, errands, measures, trail.
impl View {
    /// A page of open work: earliest due first, then the higher risk, then case id.
    pub fn worklist(
        &self,
        tenant: &str,
        filter: &WorkFilter,
        after: Option<&WorkCursor>,
        limit: usize,
    ) -> Result<WorkPage, StoreFault> {
        work::worklist(&*self.engine.reader()?, tenant, filter, after, limit)
    }

    /// The page of open work that ends before a row.
    pub fn worklist_before(
        &self,
        tenant: &str,
        filter: &WorkFilter,
        before: &WorkCursor,
        limit: usize,
    ) -> Result<WorkPage, StoreFault> {
        work::worklist_before(&*self.engine.reader()?, tenant, filter, before, limit)
    }

    /// How many open rows a filter has, counted up to `cap`: the cap itself means "that many or more".
    pub fn count_work(&self, tenant: &str, filter: &WorkFilter, cap: usize) -> Result<usize, StoreFault> {
        work::count(&*self.engine.reader()?, tenant, filter, cap)
    }

    /// One case's row.
    pub fn work(&self, tenant: &str, case_id: &str) -> Result<Option<WorkRow>, StoreFault> {
        work::by_case(&*self.engine.reader()?, tenant, case_id)
    }

    /// All cases, open and closed, newest first; `before` is the last row of the page before.
    pub fn cases(
        &self,
        tenant: &str,
        before: Option<(Moment, &str)>,
        limit: usize,
    ) -> Result<Vec<WorkRow>, StoreFault> {
        work::cases(&*self.engine.reader()?, tenant, before, limit)
    }

    /// The cases of an episode, oldest first.
    pub fn cases_of_episode(&self, tenant: &str, episode: &str, limit: usize) -> Result<Vec<WorkRow>, StoreFault> {
        work::joined(&*self.engine.reader()?, tenant, "episode", episode, limit)
    }

    /// The cases of a demonstration scenario, oldest first.
    pub fn cases_of_scenario(&self, tenant: &str, scenario: &str, limit: usize) -> Result<Vec<WorkRow>, StoreFault> {
        work::joined(&*self.engine.reader()?, tenant, "scenario", scenario, limit)
    }

    /// The demonstration scenarios of which there are cases, in order.
    pub fn scenarios(&self, tenant: &str) -> Result<Vec<String>, StoreFault> {
        work::scenarios(&*self.engine.reader()?, tenant)
    }

    /// Cases by the beginning of a name's words, a member number, an authorization number or a case id; newest first.
    pub fn case_search(&self, tenant: &str, text: &str, limit: usize) -> Result<Vec<WorkRow>, StoreFault> {
        work::search(&*self.engine.reader()?, tenant, text, limit)
    }

    /// Cases that a key finds, newest first.
    pub fn cases_by_key(&self, tenant: &str, kind: &str, value: &str, limit: usize) -> Result<Vec<String>, StoreFault> {
        lists::by_key(&*self.engine.reader()?, tenant, kind, value, limit)
    }

    /// Deadlines at or before a moment that nobody has acted on, of all tenants, earliest first.
    pub fn due_deadlines(&self, now: Moment, limit: usize) -> Result<Vec<DueDeadline>, StoreFault> {
        lists::due_deadlines(&*self.engine.reader()?, now, limit)
    }

    /// A subject's deadlines, done ones too, earliest first.
    pub fn deadlines_of(&self, tenant: &str, subject: &SubjectKey) -> Result<Vec<DueDeadline>, StoreFault> {
        lists::deadlines_of(&*self.engine.reader()?, tenant, subject)
    }

    /// The earliest deadline that nobody has acted on.
    pub fn next_deadline(&self) -> Result<Option<Moment>, StoreFault> {
        lists::next_deadline(&*self.engine.reader()?)
    }

    /// When the next errand may be taken (it may be leased until then).
    pub fn next_errand(&self) -> Result<Option<Moment>, StoreFault> {
        lists::next_errand(&*self.engine.reader()?)
    }

    /// The measures of days, both ends included.
    pub fn measures(&self, tenant: &str, from: Day, to: Day) -> Result<Vec<MeasureRow>, StoreFault> {
        lists::measures(&*self.engine.reader()?, tenant, from, to)
    }

    /// Cases decided from a moment up to, not including, another, in order of decision.
    pub fn decided(&self, tenant: &str, from: Moment, to: Moment) -> Result<Vec<DecidedRow>, StoreFault> {
        lists::decided(&*self.engine.reader()?, tenant, from, to)
    }

    /// A subject's trail, newest first; `before` is the last number of the page before.
    pub fn trail(
        &self,
        tenant: &str,
        subject: &SubjectKey,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<TrailNote>, StoreFault> {
        lists::trail(&*self.engine.reader()?, tenant, subject, before, limit)
    }

    /// What an account or token did, newest first.
    pub fn trail_of_actor(
        &self,
        tenant: &str,
        actor: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<TrailNote>, StoreFault> {
        lists::trail_of_actor(&*self.engine.reader()?, tenant, actor, before, limit)
    }
}

/// The directory, code sets and access.
impl View {
    /// A payer's member.
    pub fn member(&self, tenant: &str, payer_id: &str, member_id: &str) -> Result<Option<Member>, StoreFault> {
        lookup::member(&*self.engine.reader()?, tenant, payer_id, member_id)
    }

    /// Members with a number, of any payer.
    pub fn members_by_number(&self, tenant: &str, member_id: &str) -> Result<Vec<Member>, StoreFault> {
        lookup::members_by_number(&*self.engine.reader()?, tenant, member_id)
    }

    /// Members whose listed name (`Doe, Jane`) begins so.
    pub fn members_by_name(&self, tenant: &str, name: &str, limit: usize) -> Result<Vec<Member>, StoreFault> {
        lookup::members_by_name(&*self.engine.reader()?, tenant, name, limit)
    }

    /// A member's coverages, primary first.
    pub fn coverages(&self, tenant: &str, payer_id: &str, member_id: &str) -> Result<Vec<Coverage>, StoreFault> {
        lookup::coverages(&*self.engine.reader()?, tenant, payer_id, member_id)
    }

    /// A provider by NPI.
    pub fn provider(&self, tenant: &str, npi: &str) -> Result<Option<Provider>, StoreFault> {
        lookup::provider(&*self.engine.reader()?, tenant, npi)
    }

    /// Providers whose name begins so.
    pub fn providers_by_name(&self, tenant: &str, name: &str, limit: usize) -> Result<Vec<Provider>, StoreFault> {
        lookup::providers_by_name(&*self.engine.reader()?, tenant, name, limit)
    }

    /// A contract by its id.
    pub fn contract(&self, tenant: &str, id: &str) -> Result<Option<Contract>, StoreFault> {
        lookup::contract(&*self.engine.reader()?, tenant, id)
    }

    /// The contract of a payer's plan.
    pub fn contract_of_plan(
        &self,
        tenant: &str,
        payer_id: &str,
        plan_id: &str,
    ) -> Result<Option<Contract>, StoreFault> {
        lookup::contract_of_plan(&*self.engine.reader()?, tenant, payer_id, plan_id)
    }

    /// All contracts.
    pub fn contracts(&self, tenant: &str) -> Result<Vec<Contract>, StoreFault> {
        lookup::contracts(&*self.engine.reader()?, tenant)
    }

    /// A code of a code set.
    pub fn code(&self, system: &str, code: &str) -> Result<Option<CodeEntry>, StoreFault> {
        lookup::code(&*self.engine.reader()?, system, code)
    }

    /// Codes that begin so, in order.
    pub fn codes(&self, system: &str, prefix: &str, limit: usize) -> Result<Vec<CodeEntry>, StoreFault> {
        lookup::codes(&*self.engine.reader()?, system, prefix, limit)
    }

    /// An account by its sign-in name.
    pub fn account(&self, tenant: &str, name: &str) -> Result<Option<Account>, StoreFault> {
        lookup::account(&*self.engine.reader()?, tenant, name)
    }

    /// All accounts.
    pub fn accounts(&self, tenant: &str) -> Result<Vec<Account>, StoreFault> {
        lookup::accounts(&*self.engine.reader()?, tenant)
    }

    /// A session by the SHA-256 of its cookie's token; the caller checks that it has not expired.
    pub fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreFault> {
        lookup::session(&*self.engine.reader()?, token_hash)
    }

    /// An interface token by its SHA-256; the caller checks expiry and revocation.
    pub fn token(&self, hash: &[u8; 32]) -> Result<Option<Token>, StoreFault> {
        lookup::token(&*self.engine.reader()?, hash)
    }

    /// All interface tokens of a tenant.
    pub fn tokens(&self, tenant: &str) -> Result<Vec<Token>, StoreFault> {
        lookup::tokens(&*self.engine.reader()?, tenant)
    }

    /// A named value of the installation.
    pub fn setting(&self, tenant: &str, name: &str) -> Result<Option<String>, StoreFault> {
        lookup::setting(&*self.engine.reader()?, tenant, name)
    }
}
