// A run in shards, and what they become:
//
//   nextflow run examples/cluster/main.nf --cohort $PWD/cohorts/phase1.toml --shards 8
//
// Paths in a cohort file are relative to it, so that it is named where it lies, and not staged. A task that is
// retried starts in a folder of its own, and its shard from the beginning.

params.cohort = null
params.shards = 8
params.options = ''
params.simd = 'avx2'
params.runs = 'runs'

process shard {
    cpus 8
    memory '8 GB'
    errorStrategy 'retry'
    maxRetries 3

    input:
    val index

    output:
    path "shard-${index}"

    script:
    """
    vpop run '${params.cohort}' ${params.options} --backend cpu --simd ${params.simd} --threads ${task.cpus} \\
        --shard ${index}/${params.shards} -o shard-${index}
    """
}

process merge {
    publishDir params.runs, mode: 'copy'

    input:
    path shards

    output:
    path 'whole'

    script:
    """
    vpop merge ${shards} -o whole
    """
}

workflow {
    merge(shard(Channel.of(1..params.shards)).collect())
}
