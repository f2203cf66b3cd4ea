/** A sheet to begin with. @param title of it */
export const skeletonOf = (title: string): string => `# A sheet of mmtop: mmtop sheet run ${title}.yaml
# Every key: docs/sheets.md. Does all hold with the solution, and fail without: mmtop sheet check --solve ${title}.yaml
title: ${title}
about: What one reads first. Memory is there when it was touched, and not before.

# The machine that a student gets who has none. Each key may be left out.
machine:
  preset: lab
  era: ldd3
  seed: 1
  load: quiet

# What is done to it first: inject, do, write or wait.
setup:
  - wait: 100ms

# Experiments of one's own: calls as in C, and what is expected of files and results.
experiments:
  first-touch:
    about: A program maps four pages, and touches one.
    steps:
      - at = mmap(0, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
      - expect: nothing is there yet
        file: /sys/kernel/debug/vma/{pid}
        field: areas[at={at:x}].pagesPresent
        equals: 0
      - touch(at)
      - show: page touched
      - expect: one page is there
        file: /sys/kernel/debug/vma/{pid}
        field: areas[at={at:x}].pagesPresent
        equals: 1
      - munmap(at, 4 pages)

tasks:
  - question: A program maps four pages and touches one of them. How many are there?
    do: Predict first. Then type "do first-touch" and see.
    answer:
      choices: [none, one, four]
      right: 2
    checks:
      - says: the experiment was run
        experiment: first-touch
    points: 2
    hints:
      - mmap() makes an area, and no page.
    solution:
      answer: 2
      acts:
        - do: first-touch

  - question: How many kB of memory does the machine have in all?
    do: Look at /proc/meminfo ("cat /proc/meminfo").
    answer:
      file: /proc/meminfo
      field: MemTotal
      unit: kB
`;
