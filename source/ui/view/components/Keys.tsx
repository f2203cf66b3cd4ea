import {type Key as InkKey, useInput} from 'ink';
import {useCallback} from 'react';
import {keysOf} from '../../terminal/inkInput.ts';
import type {Key} from '../../terminal/sequences.ts';

/** Hands on what is typed. */
export function Keys({onKey}: {readonly onKey: (key: Key) => void}) {
	const onInput = useCallback(
		(input: string, key: InkKey) => {
			for (const each of keysOf(input, key)) onKey(each);
		},
		[onKey],
	);
	useInput(onInput);
	return undefined;
}
