# Shows the output of cargo-nextest, and counts the properties that hold, by topic.

{ print }

# PASS [   1.234s] (  1/200) keyward-tests::it attacks::links::single_use::link_works_once_even_after_a_restart
$1 ~ /^(PASS|FAIL|TIMEOUT|ABORT|SIG[A-Z0-9]+)$/ && $NF ~ /^attacks::/ {
    split($NF, path, "::")
    if (!($NF in seen)) properties[path[2]]++
    seen[$NF]
    if ($1 == "PASS") held[path[2]]++
}

END {
    print "properties that hold under attack:"
    for (topic in properties) {
        printf "  %-16s %3d of %3d\n", topic, held[topic], properties[topic]
        all += properties[topic]
        good += held[topic]
    }
    printf "  %-16s %3d of %3d\n", "all", good, all
    exit (good == 0 || good < all)
}
