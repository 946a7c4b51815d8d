//! What can go wrong with a device.

use crate::diagnostic::Cause;

/// Why an engine could not be made, or could not solve its patients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The device is gone: its driver was reset, or it was unplugged.
    #[error("the device `{adapter}` was lost: {reason}")]
    Lost {
        /// Name of the adapter.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// The device is there and says nothing: it hangs, or others keep it busy.
    #[error("the device `{adapter}` did not answer for {seconds} s")]
    TimedOut {
        /// Name of the adapter.
        adapter: String,
        /// How long it was waited for, s.
        seconds: u64,
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
    /// What one patient needs of a device's private memory is more than any device need have.
    #[error(
        "the model needs {bytes} bytes of private memory for each patient on a GPU, which need not have more than {most}"
    )]
    TooLarge {
        /// What it needs.
        bytes: usize,
        /// What every device has.
        most: usize,
    },
    /// Patients begin at a steady state, and equations switch at times of their own or ask for doses.
    #[error(
        "the way to the steady state in which patients begin is followed on the CPU where equations change at times of \
         their own or ask for doses"
    )]
    SteadyStart,
    /// Endpoints of patients of a data set.
    #[error("endpoints of a data set are followed on the CPU")]
    EndpointsOfData,
    /// The model has more values than the CPU engine can tell apart.
    #[error("the equations of the model make up to {values} values; the CPU engine can hold {most}")]
    TooManyValues {
        /// How many there may be.
        values: usize,
        /// How many there may be at most.
        most: usize,
    },
    /// The driver ended loops of the shader before their time, so that nothing of the batch is to be trusted.
    #[error("the driver of `{adapter}` ended loops of the shader before their time")]
    CutShort {
        /// Name of the adapter.
        adapter: String,
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
            Self::TimedOut { .. } => {
                "close what else uses the device and go on with `--resume`; `--backend cpu` does without it"
            }
            Self::OutOfMemory { .. } => {
                "close what else uses the device, or solve on the CPU with `--backend cpu`"
            }
            Self::TooLarge { .. } => {
                "solve on the CPU with `--backend cpu`, or keep fewer endpoints of fewer states"
            }
            Self::SteadyStart | Self::EndpointsOfData => "use `--backend cpu`, or leave it out",
            Self::TooManyValues { .. } => {
                "keep fewer states, or fewer endpoints; `method = \"tsit5\"` needs least"
            }
            Self::CutShort { .. } => {
                "keep fewer endpoints with `on = \"continuous\"`, or solve on the CPU with `--backend cpu`"
            }
            Self::Refused { .. } => "update its driver, or solve on the CPU with `--backend cpu`",
        };
        Some(text.into())
    }

    fn is_of_input(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. } | Self::SteadyStart | Self::EndpointsOfData | Self::TooManyValues { .. }
        )
    }
}
