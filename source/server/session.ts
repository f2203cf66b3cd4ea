import {sameSampled} from '../target/content.ts';
import type {Sample, SampledFile, SampleRequest, Target} from '../target/target.ts';

/** One connection: its view of the machine, and what it was shown last, for `since`. */
export class Session {
	readonly target: Target;
	readonly mayWrite: boolean;
	#last: Sample | undefined;

	constructor(target: Target, mayWrite: boolean) {
		this.target = target;
		this.mayWrite = mayWrite;
	}

	/**
	 * A sample with those files left out that this connection has already: it says so with `since`, the sequence number
	 * of its last sample. A number that is not of that sample is no reason to fail: everything is sent.
	 */
	async sample(request: SampleRequest): Promise<Sample> {
		const sample = await this.target.sample({paths: request.paths});
		const last = request.since !== undefined && request.since === this.#last?.seq ? this.#last : undefined;
		this.#last = sample;
		if (last === undefined) {
			return sample;
		}

		const files: Record<string, SampledFile> = {};
		for (const [path, file] of Object.entries(sample.files)) {
			const before = last.files[path];
			files[path] = before !== undefined && sameSampled(file, before) ? {unchanged: true} : file;
		}

		return {...sample, files};
	}
}
