"""The words for what can go wrong, all of them taken from here; knows no HTTP.

GeoServiceError
├── InvalidInput        EmptyInput · UnreadableFile · UnwritableFile (NoRoomForFile) · UnknownColumn ·
│                       MissingColumn · InvalidValue · RefusedValue ·
│                       InvalidGeometry · InvalidCoordinates · UnknownFrame · UnsupportedFrame ·
│                       MissingFrame · FrameContradiction · InvalidProfile · InvalidPeriod · InvalidCursor ·
│                       UnknownLayer · UnknownParent · UnclearParent · IdempotencyConflict · SpoiledCodes ·
│                       DamagedBackup · MixedDates · LayerWithoutLadder · MissingFacts ·
│                       TargetNotAllowed · UnknownHost · NotAPhoto · DamagedPhoto · UnfitLine ·
│                       PiecesUnnamed · NotAdjacent (BuildingNotAdjacent) · BordersCross · WrongParent ·
│                       NoFreeGround · NoHoleThere · NoBalancedParts · BuildingsNotInArea · ApprovalMissing ·
│                       UnfitBuildingLists
├── NotFound            AgreementNotFound · AreaNotFound · EditionNotFound · EnclaveNotFound · EntryNotFound ·
│                       IssueNotFound · SheetNotFound · UnknownProfile · WebhookNotFound · AttachmentNotFound ·
│                       UnknownArea · UnknownBorder · DraftNotFound
│                       EnteredFigureNotFound
├── Conflict            CodeInUse · NaturalKeyConflict · StaleEdition ·
│                       PendingConflict · DemonstrationRefused · ProfileConflict · IllegalTransition ·
│                       DatabaseNotEmpty · NewerBackup · ListUnderWay · DepartmentsMissing · StaleIssue ·
│                       StepTooLate · NotAdmitted · WebhookExists · AttachmentsMissing ·
│                       PhotoOnOtherSide · IssueErased · SheetUnchanged · CodeRetired · HasChildren ·
│                       NothingLeft · OutsideParent · DraftClosed · DraftOvertaken · EmptyDraft ·
│                       NothingToUndo · RebaseConflict · StaleDraft · RevertConflict · CodesExhausted ·
│                       BuildingsCutOff · AreaNotRedrawn · StaleBoundsText
├── TopologyBroken      carries the defects
├── CoverageOverlap     two areas of a nested layer hold the same ground
├── Forbidden           NotLoopback · ForeignOrigin
├── LimitExceeded       carries what was asked, the amount and the limit
├── AttachmentDamaged   a stored file is gone, or is not what was stored
├── ExternalReference   a rendered page that would load something from outside: our own mistake
└── Unavailable         StorageUnavailable (ImportInterrupted · DiskFull · DatabaseReadOnly ·
                        OutcomeUnknown) · DatabaseUnfit · PortTaken · MissingAssets ·
                        AttachmentsUnwritable
"""

from geo_service.errors.attachment import (
    AttachmentDamaged,
    AttachmentNotFound,
    AttachmentsMissing,
    AttachmentsUnwritable,
    DamagedPhoto,
    NotAPhoto,
    PhotoOnOtherSide,
)
from geo_service.errors.boundary import (
    AgreementNotFound,
    AreaNotFound,
    BordersCross,
    BuildingNotAdjacent,
    BuildingsCutOff,
    BuildingsNotInArea,
    CodeInUse,
    CodeRetired,
    CodesExhausted,
    CoverageOverlap,
    DemonstrationRefused,
    EditionNotFound,
    EnclaveNotFound,
    HasChildren,
    NoBalancedParts,
    NoFreeGround,
    NoHoleThere,
    NotAdjacent,
    NothingLeft,
    OutsideParent,
    PendingConflict,
    PiecesUnnamed,
    RevertConflict,
    StaleEdition,
    TopologyBroken,
    UnclearParent,
    UnfitLine,
    UnknownArea,
    UnknownBorder,
    UnknownLayer,
    UnknownParent,
    WrongParent,
)
from geo_service.errors.building_list import UnfitBuildingLists
from geo_service.errors.database import (
    DamagedBackup,
    DatabaseNotEmpty,
    DatabaseReadOnly,
    DatabaseUnfit,
    DiskFull,
    ImportInterrupted,
    NewerBackup,
    OutcomeUnknown,
    StorageUnavailable,
)
from geo_service.errors.door import (
    ExternalReference,
    ForeignOrigin,
    MissingAssets,
    NotLoopback,
    PortTaken,
)
from geo_service.errors.draft import (
    ApprovalMissing,
    AreaNotRedrawn,
    DraftClosed,
    DraftNotFound,
    DraftOvertaken,
    EmptyDraft,
    EnteredFigureNotFound,
    NothingToUndo,
    RebaseConflict,
    StaleBoundsText,
    StaleDraft,
)
from geo_service.errors.error import (
    NO_TITLES,
    Conflict,
    Forbidden,
    GeoServiceError,
    InvalidInput,
    LayerTitles,
    NotFound,
    Unavailable,
    titled_area,
    titled_layer,
)
from geo_service.errors.figure import (
    EntryNotFound,
    InvalidPeriod,
    LayerWithoutLadder,
    MixedDates,
    SheetNotFound,
    SheetUnchanged,
)
from geo_service.errors.file import (
    EmptyInput,
    MissingColumn,
    NoRoomForFile,
    SpoiledCodes,
    UnknownColumn,
    UnreadableFile,
    UnwritableFile,
)
from geo_service.errors.frame import (
    FrameContradiction,
    InvalidCoordinates,
    InvalidGeometry,
    MissingFrame,
    UnknownFrame,
    UnsupportedFrame,
)
from geo_service.errors.issue import (
    DepartmentsMissing,
    IdempotencyConflict,
    IllegalTransition,
    IssueErased,
    IssueNotFound,
    ListUnderWay,
    MissingFacts,
    NaturalKeyConflict,
    NotAdmitted,
    StaleIssue,
    StepTooLate,
)
from geo_service.errors.profile import InvalidProfile, ProfileConflict, UnknownProfile
from geo_service.errors.value import InvalidCursor, InvalidValue, LimitExceeded, RefusedValue
from geo_service.errors.webhook import TargetNotAllowed, UnknownHost, WebhookExists, WebhookNotFound
