export {
  type AnswerError,
  type AnswerRow,
  type AnswerState,
  answerDueKey,
  type Cancelled,
  cancelAnswer,
  findAnswer,
  retryAnswer,
} from "./answers.ts";
export { type AuditEntry, type AuditRow, listAudit, writeAudit } from "./audit.ts";
export { type BatchMember, batchMembers, findMember, insertMember } from "./batch-members.ts";
export {
  type Batch,
  type BatchTotals,
  batchesOfEvent,
  type CloseReason,
  closeBatch,
  createBatch,
  extendBatch,
  findBatch,
  lastClosedBatch,
  type NewBatch,
  openBatchOf,
  setBatchEvent,
} from "./batches.ts";
export {
  type CameraRow,
  ensureCamera,
  findCamera,
  listCameras,
  lockCamera,
  moveCamera,
  type NewCamera,
} from "./cameras.ts";
export { cancelRun, markTimedOut, type RunCancelled } from "./cancel-run.ts";
export { type ChatMessageRow, listChatMessages, type MessageFilter } from "./chat-messages.ts";
export { type ChatSessionRow, findChatSession, listChatSessions } from "./chat-sessions.ts";
export type { Page } from "./cursor.ts";
export {
  countDead,
  countDeadLetter,
  listOnlyCounted,
  type OnlyCounted,
  uncountDead,
} from "./dead-counts.ts";
export { createDetectionStore, type DetectionStore } from "./detection-store.ts";
export type { DetectionFilter, DetectionRow } from "./detections.ts";
export {
  type DocumentBody,
  type DocumentRow,
  type DocumentState,
  documentId,
  findDocument,
  listDocuments,
  type NewDocument,
  type PutDocument,
  putDocument,
  removeDocument,
  removePassagesOf,
  settleDocument,
  waitingBody,
} from "./documents.ts";
export {
  CHAT_HANDLER,
  countDue,
  dropDue,
  ensureDue,
  moveDue,
  type NewDue,
  nextDueAt,
  PIPELINE_BRIDGE,
  putDue,
} from "./due.ts";
export { putDueIn } from "./due-later.ts";
export { type ClaimedDue, createDueStore, type PostgresDueStore } from "./due-store.ts";
export {
  type AnswerEnd,
  type AnswerSoFar,
  type Ended,
  type Ending,
  endAnswer,
  type HeldAnswer,
  markAnswerTold,
  saveAnswer,
  untoldAnswers,
} from "./end-answer.ts";
export {
  BadCursorError,
  DatabaseNewerError,
  PostgresDownError,
  RedisDownError,
  StoreBusyError,
  VectorMismatchError,
  VectorsDownError,
} from "./errors.ts";
export { acknowledgeEvent, type FeedbackRow, listFeedback, putFeedback } from "./event-feedback.ts";
export { eventIdOf, eventPassageId, putNewerPassage, removeEventPassages } from "./event-passages.ts";
export {
  type EventRow,
  findRevision,
  findRevisionByCause,
  insertRevision,
  latestRevision,
  markEventPublished,
  unpublishedRevisions,
} from "./events.ts";
export { type EventsTold, eventsTold, type ToldEvent } from "./events-told.ts";
export { type Ages, type Forgotten, forgetOld } from "./forget-old.ts";
export { bestFrameOfEvent, countDueByService, findKeyById, lastFrames, lastPictureOf } from "./gateway-reads.ts";
export type { NewDetection } from "./keep-detections.ts";
export {
  adoptKey,
  createKey,
  findKey,
  type KeyRow,
  listKeys,
  type NewKey,
  type Role,
  revokeKey,
  touchKey,
} from "./keys.ts";
export { type KeywordHit, type KeywordSearch, keywordSearch } from "./keyword-search.ts";
export { acquireLease, type Lease, releaseLease, renewLease } from "./leases.ts";
export { type EventFilter, findEvent, type ListedEvent, listEvents } from "./list-events.ts";
export {
  failedDocuments,
  type LocalRunDocument,
  type LocalRunProgress,
  markDocumentFailed,
  markDocumentPut,
  settleRunDocuments,
  takeDocument,
  waitingDocuments,
} from "./local-run-documents.ts";
export {
  cancelLocalRun,
  endLocalRun,
  findLocalRuns,
  insertLocalRun,
  type LocalRun,
  type LocalRunState,
  listLocalRun,
  localRunParameters,
  reopenLocalRun,
  tellLocalRun,
} from "./local-runs.ts";
export { findLogin, keepLogin, type Login, type LoginRow, loginBefore, markGreeted } from "./logins.ts";
export { type MigrateOptions, migrate } from "./migrate.ts";
export {
  createSpendingStore,
  listSpending,
  type SpendingAccount,
  type SpendingRow,
  type SpentAmount,
} from "./model-spending.ts";
export { endLost, type Observed, observeRun, type SeenRun } from "./observe-run.ts";
export {
  hasOpenRuns,
  type OpenRun,
  openRun,
  openRuns,
  placesOfRuns,
  tellWaiting,
  type UnplacedRun,
  unplacedRun,
} from "./open-runs.ts";
export {
  type CollectionRow,
  findPassages,
  hasCollection,
  keepable,
  listCollections,
  mayFindEvents,
  type NewPassage,
  type PassageKind,
  type PassageRow,
  putPassages,
  removePassages,
  removePassagesBefore,
  tokensOf,
  type Viewer,
} from "./passages.ts";
export { type Doubt, type LookAgain, lookAgain, moveToRun, noteDoubt } from "./pipeline-doubts.ts";
export {
  findRun,
  listRuns,
  type PipelineRunRow,
  type PipelineStatusRow,
  type RunError,
  type RunFilter,
  type RunState,
  runStatuses,
} from "./pipeline-runs.ts";
export {
  advanceSchedule,
  findSchedule,
  type PipelineSchedule,
  putSchedule,
  removeSchedulesBut,
} from "./pipeline-schedules.ts";
export { markStatusTold, type UntoldStatus, untoldStatuses } from "./pipeline-statuses.ts";
export { openPostgres, type PostgresOptions } from "./postgres.ts";
export type { Database, Queryable } from "./queryable.ts";
export { type Cache, openRedis, type RedisOptions, type Versioned } from "./redis.ts";
export { cancelRequest, claimRequest, requestOwner } from "./request-owners.ts";
export { recordNotRetried, recordRetried, retryRun } from "./retry-run.ts";
export { markScenePublished, noteScene, type Scene, type SceneChange, unpublishedScenes } from "./scene-changes.ts";
export {
  adoptRun,
  endUnplaced,
  type HeldRun,
  postAgain,
  postponeRun,
  recordSubmitted,
  type Submitted,
  type TakenRun,
  type TakeRuns,
  takeRuns,
} from "./submit-run.ts";
export { readConversation, type TakeAnswer, type TakenAnswer, type Turn, takeAnswer } from "./take-answer.ts";
export { type NewMessage, type TakenIn, takeInMessage } from "./take-in-message.ts";
export { type NewRun, type RunTakenIn, takeInRun } from "./take-in-run.ts";
export { type EndedTurn, findTurn } from "./turns.ts";
export {
  countEmbedded,
  countRemoved,
  countWaiting,
  deletePassages,
  forgetVectorSet,
  lockPassages,
  lockRemoved,
  markEmbedded,
  markRefused,
  settleDocuments,
  unmarkEmbedded,
  useVectorSet,
  type VectorSet,
  vectorSetOf,
  vectorSets,
  type WaitingPassage,
  waitingPassages,
} from "./vector-sets.ts";
export { openVectors, type VectorsAt } from "./vectors/open-vectors.ts";
export { QdrantVectors } from "./vectors/qdrant-vectors.ts";
export { SqliteVectors } from "./vectors/sqlite-vectors.ts";
export type { VectorHit, VectorPoint, VectorSearch, VectorStore } from "./vectors/vector-store.ts";
