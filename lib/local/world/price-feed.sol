// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.24;

/// A price feed that answers like an AggregatorV3 aggregator, and that can be told to be late, wrong or broken.
contract PriceFeed {
    enum Mode {
        Normal,
        Reverting,
        Empty,
        Truncated,
        Hanging
    }

    struct Round {
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
        uint80 answeredInRound;
    }

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /// Real proxies number rounds as phase << 64 | round; readers that cut to 64 bits shall be noticed.
    uint80 private constant FIRST_PHASE = uint80(1) << 64;

    uint8 private immutable feedDecimals;
    string private feedDescription;
    uint80 private latestRound;
    Mode public mode;
    mapping(uint80 => Round) private rounds;

    constructor(uint8 decimals_, string memory description_, int256 answer_) {
        feedDecimals = decimals_;
        feedDescription = description_;
        latestRound = FIRST_PHASE;
        write(answer_, block.timestamp);
    }

    modifier asConfigured() {
        if (mode == Mode.Reverting) revert("feed is out of order");
        if (mode == Mode.Empty) {
            assembly {
                return(0, 0)
            }
        }
        if (mode == Mode.Truncated) {
            assembly {
                mstore(0, 1)
                return(0, 31)
            }
        }
        if (mode == Mode.Hanging) {
            uint256 spin;
            while (true) {
                unchecked {
                    ++spin;
                }
            }
        }
        _;
    }

    /// A new round, dated `age` seconds before the block.
    function push(int256 answer_, uint256 age) external {
        write(answer_, block.timestamp - age);
    }

    /// A new round with every field as given, and the manner of answering from now on. The largest integer dates it by the block.
    function configure(int256 answer_, uint256 updatedAt, uint80 roundsBehind, Mode mode_) external {
        write(answer_, updatedAt == type(uint256).max ? block.timestamp : updatedAt);
        rounds[latestRound].answeredInRound = latestRound - roundsBehind;
        mode = mode_;
    }

    function write(int256 answer_, uint256 updatedAt) private {
        latestRound += 1;
        rounds[latestRound] = Round(answer_, updatedAt, updatedAt, latestRound);
        emit AnswerUpdated(answer_, latestRound, updatedAt);
    }

    /// The last round whatever the mode: for those who drive the feed, not for those who read it.
    function stored() external view returns (int256 answer, uint256 updatedAt, Mode currentMode) {
        Round storage round = rounds[latestRound];
        return (round.answer, round.updatedAt, mode);
    }

    function latestRoundData()
        external
        view
        asConfigured
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return roundOf(latestRound);
    }

    function getRoundData(uint80 id)
        external
        view
        asConfigured
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        require(rounds[id].updatedAt != 0, "No data present");
        return roundOf(id);
    }

    function roundOf(uint80 id) private view returns (uint80, int256, uint256, uint256, uint80) {
        Round storage round = rounds[id];
        return (id, round.answer, round.startedAt, round.updatedAt, round.answeredInRound);
    }

    function latestAnswer() external view asConfigured returns (int256) {
        return rounds[latestRound].answer;
    }

    function latestTimestamp() external view asConfigured returns (uint256) {
        return rounds[latestRound].updatedAt;
    }

    function decimals() external view returns (uint8) {
        return feedDecimals;
    }

    function description() external view returns (string memory) {
        return feedDescription;
    }

    function version() external pure returns (uint256) {
        return 4;
    }

    function aggregator() external view returns (address) {
        return address(this);
    }
}
