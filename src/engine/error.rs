//! What can go wrong with a device.

use crate::diagnostic::Cause;

/// Why an engine could not be made, or could not solve its patients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The device is gone: its driver was reset, it was unplugged, or it hung.
    #[error("the device `{adapter}` was lost: {reason}")]
    Lost {
        /// Name of the adapter.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// The device has no memory left for a batch.
    #[error("the device `{adapter}` is out of memory: {reason}")]
    OutOfMemory {
        /// Name of the adapter.
        adapter: String,
        /// What was asked for.
        reason: String,
    },
    /// The driver refused the shader or a buffer.
    #[error("the device `{adapter}` refused the work: {reason}")]
    Refused {
        /// Name of the adapter.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// The plan's method is not one of the device's.
    #[error("the method `{method}` does not run on a GPU")]
    Method {
        /// Its name.
        method: &'static str,
    },
    /// Patients did not reach the end of their integration in any number of dispatches.
    #[error("the device `{adapter}` left {count} patient-arms unfinished")]
    Unfinished {
        /// Name of the adapter.
        adapter: String,
        /// How many.
        count: u32,
    },
}

impl Cause for EngineError {
    fn help(&self) -> Option<String> {
        let text = match self {
            Self::Lost { .. } | Self::Unfinished { .. } => {
                "go on with `--resume`; `vpop verify` tells whether the device can be trusted, and \
                 `--backend cpu` does without it"
            }
            Self::OutOfMemory { .. } => {
                "close what else uses the device, or solve on the CPU with `--backend cpu`"
            }
            Self::Method { .. } => {
                "solve on the CPU with `--backend cpu`; the explicit method, `method = \"tsit5\"` in `[solver]`, \
                 would run on the GPU, in many more steps"
            }
            Self::Refused { .. } => "update its driver, or solve on the CPU with `--backend cpu`",
        };
        Some(text.into())
    }

    fn is_of_input(&self) -> bool {
        matches!(self, Self::Method { .. })
    }
}
